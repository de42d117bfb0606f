/**
 * Seals that lie beside a document (docs/protocols/detached-seals.md): a statement of its digests, signed in the suites of the node that
 * sealed it. The document is among the files that were given with it, or the verdict is open.
 */
import { asList, asObject, base64, base64url, canonical, hex, parseObject, same, text, utf8 } from "./bytes.ts";
import { type Certificate, describe, maySeal, readCertificate, verifyPath } from "./certificate.ts";
import { checkIssued, type IssuanceTrust } from "./certificate-proof.ts";
import { sha256 } from "./crypto.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { isJwsOf, verifies } from "./signature.ts";
import { sm3 } from "./sm3.ts";
import { verifyStamp } from "./time-stamp.ts";

export const DETACHED_SEAL_FORMAT = "zhengtong-detached-seal/1";
const TYPE = "zhengtong-detached-seal+jws";
const SOURCE_MAX = 1_048_576;
const SIGNATURES_MAX = 8;
const CERTIFICATES_MAX = 8;
const HEADERS = ["alg", "typ", "kid", "x5c"];
/** How much the clock of whoever stamped may be ahead. */
const SKEW_MS = 60_000;

export interface SealTrust extends IssuanceTrust {
  readonly roots: readonly Certificate[];
  readonly atMs: number;
  /** What the seal may be of. */
  readonly documents?: readonly Uint8Array[] | undefined;
}

interface Signature {
  readonly algorithm: string;
  readonly signer: Certificate;
  readonly others: readonly Certificate[];
}

/** Checks a detached seal against the document that lies beside it. */
export function verifyDetachedSeal(source: string, trust: SealTrust): Promise<Report> {
  return examine("detached-seal", async (found, facts) => {
    if (source.length > SOURCE_MAX) throw new Refusal("too-big", "文件过大", "The file is too big");
    const seal = parseObject(source);
    const payload = base64url(seal["payload"]);
    const said = parseObject(text(payload));
    if (said["format"] !== DETACHED_SEAL_FORMAT || canonical(said) !== text(payload)) throw malformed();
    const rows = asList(seal["signatures"], SIGNATURES_MAX).map(asObject);
    const signatures: Signature[] = [];
    for (const row of rows) signatures.push(await checkSignature(row, String(seal["payload"])));
    checkTogether(signatures, said);
    checkDocument(asObject(said["document"]), trust, found);
    await judge({ seal, rows, signatures }, trust, found, facts);
    facts["reason"] = said["reason"];
    facts["sealedAt"] = said["at"];
    facts["algorithms"] = said["algorithms"];
  });
}

async function checkSignature(row: Record<string, unknown>, payload: string): Promise<Signature> {
  const head = String(row["protected"]);
  const header = parseObject(text(base64url(head)));
  if (header["typ"] !== TYPE || Object.keys(header).some((name) => !HEADERS.includes(name))) throw malformed();
  const [signer, ...others] = asList(header["x5c"], CERTIFICATES_MAX).map((one) => readCertificate(base64(one)));
  const algorithm = String(header["alg"]);
  if (signer === undefined || !isJwsOf(signer.key, algorithm)) throw malformed();
  if (!(await verifies(signer.key, utf8(`${head}.${payload}`), base64url(row["signature"]), "raw")))
    throw new Refusal("seal-signature", "印章签名无效", "The seal's signature is wrong");
  if (!maySeal(signer))
    throw new Refusal("wrong-use", "该证书不得用于文件签章", "This certificate may not seal documents");
  return { algorithm, signer, others };
}

/** All of what was signed is there, by one sealer: nothing can be taken off, and nobody can add himself. */
function checkTogether(signatures: readonly Signature[], said: Record<string, unknown>): void {
  const stated = asList(said["algorithms"], SIGNATURES_MAX).map(String);
  const [first] = signatures;
  if (first === undefined || stated.join() !== signatures.map(({ algorithm }) => algorithm).join())
    throw new Refusal("signature-missing", "印章的签名不齐全", "A signature of the seal is missing");
  if (!signatures.every(({ signer }) => same(signer.subject, first.signer.subject)))
    throw new Refusal(
      "two-sealers",
      "印章的签名不是同一机关所为",
      "The seal's signatures are of different authorities",
    );
}

function checkDocument(stated: Record<string, unknown>, trust: SealTrust, found: Finding[]): void {
  const document = trust.documents?.find((bytes) => hex(sha256(bytes)) === stated["sha256"]);
  if (document === undefined) {
    found.push(
      open(
        "document-missing",
        "没有给出印章所盖的文件：请一并给出",
        "The document that it seals was not given: give it with the seal",
      ),
    );
    return;
  }
  if (hex(sm3(document)) !== stated["sm3"] || document.length !== stated["bytes"])
    throw new Refusal("seal-digest", "文件与印章所盖的不符", "The document is not the one that was sealed");
  found.push(good("seal", "印章所盖的就是这份文件，未被改动", "The seal is of this very document, unchanged"));
}

async function judge(
  {
    seal,
    rows,
    signatures,
  }: {
    readonly seal: Record<string, unknown>;
    readonly rows: readonly Record<string, unknown>[];
    readonly signatures: readonly Signature[];
  },
  trust: SealTrust,
  found: Finding[],
  facts: Record<string, unknown>,
): Promise<void> {
  const { roots, atMs } = trust;
  const certificates = signatures.flatMap(({ others }) => others);
  let signedAtMs = atMs;
  if (seal["stamp"] !== undefined) {
    const signed = rows.map((row) => ({ protected: row["protected"], signature: row["signature"] }));
    const stamped = utf8(canonical({ payload: seal["payload"], signatures: signed }));
    const digests = { sha256: sha256(stamped), sm3: sm3(stamped) };
    signedAtMs = (await verifyStamp(base64(seal["stamp"]), { digest: digests, certificates, roots, atMs })).atMs;
    if (signedAtMs > atMs + SKEW_MS)
      throw new Refusal("stamp-future", "时间戳晚于核验时间", "The time stamp is later than the moment of judgement");
    facts["stampedAt"] = new Date(signedAtMs).toISOString();
  }
  const [{ signer }] = signatures as [Signature];
  facts["sealedBy"] = describe(signer);
  if (roots.length === 0) {
    found.push(
      open(
        "no-root",
        "未提供根证书，无法确认是谁的印章：请提供（--root）",
        "Whose seal it is cannot be told without a root certificate: give one with --root",
      ),
    );
    return;
  }
  const carried = asList(seal["issuance"] ?? [], SIGNATURES_MAX).map((proof) => JSON.stringify(asObject(proof)));
  for (const one of signatures) {
    await verifyPath(one.signer, [...one.others, ...certificates], { roots, atMs: signedAtMs });
    await checkIssued(one.signer, { trust, atMs: signedAtMs, carried }, found);
  }
  const named = signatures.map((one) => one.signer.key.algorithm).join(", ");
  found.push(
    good(
      "sealer",
      `印章证书“${signer.commonName}”由您信任的根证书签发（${named}）`,
      `The seal of ${signer.commonName} leads to a root that you trust (${named})`,
    ),
    note(
      "not-revocation",
      "本工具离线核验：证书其后是否吊销，不查询",
      "Checked off line: whether a certificate was revoked since is not asked",
    ),
  );
}

function malformed(): Refusal {
  return new Refusal("malformed", "分离式印章格式有误", "The detached seal is malformed");
}
