/** Proof that a certificate's issuance is in the issuer's ledger: one that somebody made with a stolen key is not there. */
import { asList, asObject, hex, parseObject } from "./bytes.ts";
import type { Certificate } from "./certificate.ts";
import { sha256 } from "./crypto.ts";
import { type LedgerTrust, verifyReceipt } from "./ledger.ts";
import { examine, type Finding, good, Refusal, type Report } from "./report.ts";

export const CERTIFICATE_PROOF_FORMAT = "zhengtong-certificate-proof/1";
const ENTRIES_MAX = 20;

/** What a verifier asks of the certificate of a seal. */
export interface IssuanceTrust extends LedgerTrust {
  /** Texts of proofs; where there are any, a certificate without one is refused. */
  readonly certificateProofs?: readonly string[] | undefined;
}

/** Checks a proof by itself. */
export function verifyCertificateProof(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("certificate-proof", async (found, facts) => {
    const fingerprint = fingerprintIn(source);
    facts["certificate"] = fingerprint;
    await checkEntries(source, fingerprint, trust, found);
  });
}

/** Refuses a certificate that none of the proofs at hand is about; where there are none, nothing is asked. */
export async function checkIssued(certificate: Certificate, trust: IssuanceTrust, found: Finding[]): Promise<void> {
  const { certificateProofs: proofs } = trust;
  if (proofs === undefined || proofs.length === 0) return;
  const fingerprint = hex(sha256(certificate.der));
  const proof = proofs.find((source) => fingerprintIn(source) === fingerprint);
  if (proof === undefined)
    throw new Refusal(
      "unlogged",
      `没有证据表明证书“${certificate.commonName}”的签发已登入存证日志`,
      `Nothing proves that the certificate of ${certificate.commonName} was entered in the ledger when it was issued`,
    );
  await checkEntries(proof, fingerprint, trust, found);
}

function fingerprintIn(source: string): string {
  const { format, certificate } = parseObject(source);
  if (format !== CERTIFICATE_PROOF_FORMAT || typeof certificate !== "string" || !/^[0-9a-f]{64}$/.test(certificate))
    throw new Refusal("malformed", "证书存证证据的格式有误", "This is not a proof of a certificate's issuance");
  return certificate;
}

async function checkEntries(source: string, fingerprint: string, trust: LedgerTrust, found: Finding[]): Promise<void> {
  let isIssued = false;
  for (const entry of asList(parseObject(source)["entries"], ENTRIES_MAX)) {
    const report = await verifyReceipt(JSON.stringify(entry), trust);
    const bad = report.findings.find(({ weight }) => weight === "bad");
    if (bad !== undefined) throw new Refusal(bad.code, bad.zh, bad.en);
    const { room, operation } = asObject(report.facts["entry"] ?? {});
    const content = report.facts["content"];
    const detail = content === undefined ? {} : asObject(asObject(content)["detail"] ?? {});
    if (room !== "trust" || detail["certificate"] !== fingerprint)
      throw new Refusal("other-certificate", "条目说的不是这张证书", "An entry is about another certificate");
    // What is open stays open: a pending entry, or a log whose key nobody gave.
    found.push(...report.findings.filter(({ weight }) => weight === "open"));
    if (operation === "certificate-issued") isIssued = true;
  }
  if (!isIssued)
    throw new Refusal("unlogged", "没有签发该证书的条目", "No entry tells that the certificate was issued");
  found.push(good("issued-on-record", "证书的签发已登入存证日志", "The certificate's issuance is in the ledger"));
}
