/** One act of the county, judged off line under a checkpoint that another node vouched for. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "#lib/language/text";
import type { VerifiedFile } from "../demo/evidence.ts";
import type { TakeStep } from "../demo/progress.ts";
import { runVerifier } from "../verifier.ts";
import type { Country } from "./country.ts";
import { CITY, COUNTY } from "./plan.ts";

const WAIT_MS = 90_000;
const LOOK_MS = 500;

export interface Witnessed {
  readonly entry: number;
  /** Whose word it stands on. */
  readonly by: string;
}

export async function verifyWitnessed(
  options: { readonly country: Country; readonly folder: string; readonly step: TakeStep },
  entry: number,
): Promise<Witnessed> {
  const { country, folder, step } = options;
  return await step(
    text("审计人员", "An auditor"),
    text("凭市节点的见证离线核验县节点的一项行为", "proves an act of the county by the city's cosignature"),
    async () => {
      const county = country.node(COUNTY.code);
      const listed = await county.ask("keys", {});
      const [log, witness] = [
        listed.find(({ node }) => node === COUNTY.code)?.log[0] ?? "",
        listed.find(({ node }) => node === CITY.code)?.cosigning[0],
      ];
      if (witness === undefined) throw new Error("the directory lists no key with which the city vouches for logs");
      const name = witness.slice(0, witness.indexOf("+"));
      const deadline = performance.now() + WAIT_MS;
      let bundle = await county.ask("bundle", { entry });
      // The city is asked every ten seconds; an act may be newer than its word.
      while (!bundle.includes(`\\n\u2014 ${name} `)) {
        if (performance.now() > deadline) throw new Error(`${CITY.code} vouched for no checkpoint with entry ${entry}`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        bundle = await county.ask("bundle", { entry });
      }
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, "witnessed.evidence.json");
      await writeFile(path, bundle, { mode: 0o600 });
      const trusted = ["--log-key", log, "--witness", witness, "--json"];
      const { code, stdout, stderr } = await runVerifier([path, ...trusted], folder);
      const reports = (stdout.startsWith("[") ? JSON.parse(stdout) : []) as readonly Judged[];
      const isWitnessed = reports[0]?.findings.some((finding) => finding.code === "witnessed");
      if (code !== 0 || reports[0]?.verdict !== "valid" || isWitnessed !== true)
        throw new Error(`the verifier ended with ${code}: ${stdout.slice(0, 2_000)} ${stderr}`);
      return { entry, by: name };
    },
  );
}

interface Judged extends VerifiedFile {
  readonly findings: readonly { readonly code: string }[];
}
