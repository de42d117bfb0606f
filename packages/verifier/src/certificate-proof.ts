/** Proof that a certificate's issuance is in the issuer's ledger: one that somebody made with a stolen key is not there. */
import { asList, asObject, hex, parseObject } from "./bytes.ts";
import type { Certificate } from "./certificate.ts";
import { sha256 } from "./crypto.ts";
import { type LedgerTrust, verifyReceipt } from "./ledger.ts";
import { examine, type Finding, good, note, Refusal, type Report } from "./report.ts";
import { successionsIn } from "./succession.ts";

export const CERTIFICATE_PROOF_FORMAT = "zhengtong-certificate-proof/1";
const ENTRIES_MAX = 20;

type Values = Readonly<Record<string, unknown>>;

/** What an entry of the log says of a certificate. */
export interface CertificateEvent {
  readonly what: "certificate-issued" | "certificate-revoked" | "certificate-reinstated";
  readonly atMs: number;
}

/** What a verifier asks of the certificate of a seal. */
export interface IssuanceTrust extends LedgerTrust {
  /** Texts of proofs; where there are any, a certificate without one is refused. */
  readonly certificateProofs?: readonly string[] | undefined;
  /** What proved entries of the bundle in which the seal stands say of certificates, by their fingerprints. */
  readonly entered?: ReadonlyMap<string, readonly CertificateEvent[]> | undefined;
  /** Whether a certificate whose issuance nothing proves is refused, and not only told of. */
  readonly issuanceRequired?: boolean | undefined;
}

/** Checks a proof by itself. */
export function verifyCertificateProof(source: string, trust: LedgerTrust): Promise<Report> {
  return examine("certificate-proof", async (found, facts) => {
    const fingerprint = fingerprintIn(source);
    facts["certificate"] = fingerprint;
    await checkEntries(source, fingerprint, trust, found);
  });
}

/** Findings of `checkIssued`: of a seal within another file they are passed on. */
export const ISSUANCE_CODES: readonly string[] = ["issued-on-record", "issuance-missing", "issuance-unchecked"];

/**
 * Whether a certificate's issuance is in the ledger: by the proofs that the reader gave, by entries of the same bundle, by what the seal
 * carries. Where none tells, it is said; where the reader gave proofs or asked for one, it is refused.
 */
export async function checkIssued(
  certificate: Certificate,
  {
    trust,
    atMs,
    carried = [],
  }: { readonly trust: IssuanceTrust; readonly atMs: number; readonly carried?: readonly string[] },
  found: Finding[],
): Promise<void> {
  const fingerprint = hex(sha256(certificate.der));
  const events = trust.entered?.get(fingerprint) ?? [];
  checkStanding(events, certificate, atMs);
  const { certificateProofs: given = [] } = trust;
  const proof = given.find((source) => fingerprintIn(source) === fingerprint);
  if (proof !== undefined) {
    await checkEntries(proof, fingerprint, trust, found);
    return;
  }
  if (events.some(({ what }) => what === "certificate-issued")) {
    found.push(ON_RECORD);
    return;
  }
  const own = carried.find((source) => fingerprintIn(source) === fingerprint);
  if (own !== undefined && (await checkCarried(own, { certificate, fingerprint, trust }, found))) return;
  if (given.length > 0 || trust.issuanceRequired === true)
    throw new Refusal(
      "unlogged",
      `没有证据表明证书“${certificate.commonName}”的签发已登入存证日志`,
      `Nothing proves that the certificate of ${certificate.commonName} was entered in the ledger when it was issued`,
    );
  if (own === undefined)
    found.push(
      note(
        "issuance-missing",
        `没有附证书“${certificate.commonName}”签发的存证证据：证书若由节点签发，可向其索取（/trust/certificates/${fingerprint}/proof）`,
        `No proof is here that the certificate of ${certificate.commonName} was entered in a ledger when it was issued: the node that issued it gives one (/trust/certificates/${fingerprint}/proof)`,
      ),
    );
}

/** A revocation that the log tells counts from its own time on, whatever a node says beside it. */
function checkStanding(events: readonly CertificateEvent[], { commonName }: Certificate, atMs: number): void {
  const last = events.filter((event) => event.what !== "certificate-issued" && event.atMs <= atMs).at(-1);
  if (last?.what === "certificate-revoked")
    throw new Refusal(
      "revoked",
      `证书“${commonName}”在使用前已被吊销，日志有记载`,
      `The certificate of ${commonName} was revoked before it was used, as the log says`,
    );
}

/** What came with the seal holds under the log's key alone: its checkpoint is of the day of the seal, with no witness's line. */
async function checkCarried(
  source: string,
  about: { readonly certificate: Certificate; readonly fingerprint: string; readonly trust: IssuanceTrust },
  found: Finding[],
): Promise<boolean> {
  const { logKey, successions } = about.trust;
  const origins = asList(parseObject(source)["entries"], ENTRIES_MAX).map((entry) => asObject(entry)["origin"]);
  if (logKey !== undefined && origins.every((origin) => origin === logKey.name)) {
    try {
      await checkEntries(source, about.fingerprint, { logKey, successions }, found);
      return true;
    } catch (error) {
      // Signed with a key of the log that nothing leads to from the one that the reader has: that says nothing about the seal.
      if (!(error instanceof Refusal) || !error.finding.code.startsWith("checkpoint")) throw error;
    }
  }
  found.push(
    note(
      "issuance-unchecked",
      `附有证书“${about.certificate.commonName}”签发的存证证据，未核对：请提供该日志（${origins[0]}）的公钥（--log-key）`,
      `A proof comes with the certificate of ${about.certificate.commonName} that it was entered in a ledger, and was not checked: give that log's key (${origins[0]}) with --log-key`,
    ),
  );
  return false;
}

const ON_RECORD = good("issued-on-record", "证书的签发已登入存证日志", "The certificate's issuance is in the ledger");

const EVENTS: readonly string[] = ["certificate-issued", "certificate-revoked", "certificate-reinstated"];

/** What entries whose place and content are proved say of certificates, each certificate's in the order of the log. */
export function certificateEvents(
  entries: readonly { readonly index: number; readonly leaf: Values; readonly content: Values | undefined }[],
): ReadonlyMap<string, readonly CertificateEvent[]> {
  const found = new Map<string, CertificateEvent[]>();
  for (const { leaf, content } of entries.toSorted((one, other) => one.index - other.index)) {
    const { room, operation: what, at } = leaf;
    if (room !== "trust" || content === undefined || !EVENTS.includes(String(what))) continue;
    const fingerprint = String(asObject(content["detail"] ?? {})["certificate"]);
    const event = { what: what as CertificateEvent["what"], atMs: Date.parse(String(at)) };
    found.set(fingerprint, [...(found.get(fingerprint) ?? []), event]);
  }
  return found;
}

function fingerprintIn(source: string): string {
  const { format, certificate } = parseObject(source);
  if (format !== CERTIFICATE_PROOF_FORMAT || typeof certificate !== "string" || !/^[0-9a-f]{64}$/.test(certificate))
    throw new Refusal("malformed", "证书存证证据的格式有误", "This is not a proof of a certificate's issuance");
  return certificate;
}

async function checkEntries(source: string, fingerprint: string, trust: LedgerTrust, found: Finding[]): Promise<void> {
  let isIssued = false;
  const proof = parseObject(source);
  const successions = [...successionsIn(proof["successions"]), ...(trust.successions ?? [])];
  for (const entry of asList(proof["entries"], ENTRIES_MAX)) {
    const report = await verifyReceipt(JSON.stringify(entry), { ...trust, successions });
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
  found.push(ON_RECORD);
}
