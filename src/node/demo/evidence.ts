import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runVerifier } from "../verifier.ts";
import type { JourneyOutcome } from "./journey.ts";

/** What the journey left in hand, on disk. */
export interface EvidenceFiles {
  readonly licencePdf: string;
  readonly duplicatePdf: string;
  readonly credential: string;
  readonly decisionPdf: string;
  readonly receipts: readonly string[];
  readonly checkpoint: string;
  readonly root: string;
  readonly logKey: string;
}

/** What the verifier says of one of them. */
export interface VerifiedFile {
  readonly file: string;
  readonly verdict: string;
}

/** Writes down what the owner downloaded, and what anyone gets from the node: root certificate, log key, checkpoint. */
export async function writeEvidence(
  folder: string,
  address: string,
  outcome: JourneyOutcome,
): Promise<{ readonly files: EvidenceFiles; readonly checkpoint: string }> {
  await mkdir(join(folder, "receipts"), { recursive: true, mode: 0o700 });
  const keep = async (name: string, content: Uint8Array | string) => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  const chain = JSON.parse(await publicText(address, "/api/trust/v1/certificateChain")) as { readonly root: string };
  const checkpoint = await publicText(address, "/log/checkpoint");
  const receipts: string[] = [];
  for (const [entry, bytes] of outcome.receipts) receipts.push(await keep(`receipts/${entry}.json`, bytes));
  const files: EvidenceFiles = {
    licencePdf: await keep(`${outcome.licenceNumber}-original.pdf`, outcome.original),
    duplicatePdf: await keep(`${outcome.licenceNumber}-duplicate.pdf`, outcome.duplicate),
    credential: await keep(`${outcome.licenceNumber}.sd-jwt`, outcome.credential),
    decisionPdf: await keep(`${outcome.caseNumber}-decision.pdf`, outcome.decision),
    receipts,
    checkpoint: await keep("checkpoint.txt", checkpoint),
    root: await keep("root.pem", chain.root),
    logKey: await keep("log-key.txt", await publicText(address, "/log/key")),
  };
  return { files, checkpoint };
}

async function publicText(address: string, path: string): Promise<string> {
  const response = await fetch(new URL(path, address), { headers: { "zhengtong-purpose": "verification" } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

/**
 * Has everything checked by the stand-alone verifier in a process of its own: it is given these files and nothing else.
 * @throws Error that names what is not valid
 */
export async function verifyEvidence(
  folder: string,
  files: EvidenceFiles,
  licenceNumber: string,
): Promise<readonly VerifiedFile[]> {
  const { licencePdf, duplicatePdf, credential, decisionPdf, receipts, checkpoint, root, logKey } = files;
  const subjects = [licencePdf, duplicatePdf, credential, decisionPdf, ...receipts, checkpoint, licenceNumber];
  const anchors = ["--root", root, "--log-key", logKey, "--json"];
  const { code, stdout, stderr } = await runVerifier([...subjects, ...anchors], folder);
  const reports = (stdout.startsWith("[") ? JSON.parse(stdout) : []) as readonly (VerifiedFile & {
    readonly findings: readonly { readonly weight: string; readonly en: string }[];
  })[];
  const wrong = reports.filter(({ verdict }) => verdict !== "valid");
  if (code !== 0 || wrong.length > 0 || reports.length !== subjects.length) {
    const said = wrong.map(
      ({ file, verdict, findings }) => `${file} ${verdict}: ${findings.map(({ en }) => en).join(", ")}`,
    );
    throw new Error(`the verifier ended with ${code}: ${said.join("; ") || stderr}`);
  }
  return reports.map(({ file, verdict }) => ({ file, verdict }));
}
