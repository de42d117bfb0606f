/**
 * What a person or an official signed with a key of her own: a JWS (RFC 7515) over a statement, which says what was done, in which words, and names what
 * was shown by its digest. It stands in archive packages (`signature/statement.jws`) and in bundles of evidence.
 */
import { asList, asObject, base64, base64url, canonical, hex, parseObject, text, utf8 } from "./bytes.ts";
import { type Certificate, describe, maySign, readCertificate, verifyPath } from "./certificate.ts";
import { checkIssued } from "./certificate-proof.ts";
import { sha256 } from "./crypto.ts";
import type { SealTrust } from "./detached-seal.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { isJwsKnown, isJwsOf, verifies } from "./signature.ts";

const TYPE = "zhengtong-statement+jws";
const FORMAT = "zhengtong-statement/1";
const STATEMENT_MAX = 65_536;
const CERTIFICATES_MAX = 8;
/** With a hybrid signature. */
const STATEMENT_FILE_MAX = 131_072;

export interface Statement {
  /** The signer's first; none where they are of a suite that is not known here. */
  readonly certificates: readonly Certificate[];
  /** As the signature names it. */
  readonly algorithm: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly said: Readonly<Record<string, unknown>>;
}

/** Reads one, verifying nothing. */
export function readStatement(token: unknown): Statement {
  const [head = "", body = "", tail = "", ...more] = typeof token === "string" ? token.split(".") : [];
  if (more.length > 0 || head.length + body.length > STATEMENT_MAX) throw malformed();
  const header = parseObject(text(base64url(head)));
  if (header["typ"] !== TYPE || header["crit"] !== undefined) throw malformed();
  const algorithm = String(header["alg"]);
  const certificates = isJwsKnown(algorithm)
    ? asList(header["x5c"], CERTIFICATES_MAX).map((one) => readCertificate(base64(one)))
    : [];
  const said = parseObject(text(base64url(body)));
  return { certificates, algorithm, message: utf8(`${head}.${body}`), signature: base64url(tail), said };
}

/** That its signer signed it, with a certificate for that; undefined where the algorithm is not known here. */
export async function checkSigner(statement: Statement, name: string): Promise<Certificate | undefined> {
  const [signer] = statement.certificates;
  if (signer === undefined) return undefined;
  if (!isJwsOf(signer.key, statement.algorithm)) throw malformed();
  if (!maySign(signer)) throw new Refusal("wrong-use", "该证书不得用于签名", "This certificate may not sign");
  if (!(await verifies(signer.key, statement.message, statement.signature, "raw")))
    throw new Refusal("signature", `“${name}”的签名无效`, `The signature of ${name} is wrong`);
  const { id } = asObject(statement.said["signer"] ?? {});
  if (signer.subjectNumber !== "" && id !== undefined && id !== signer.subjectNumber)
    throw new Refusal("other-signer", "证书是另一人的", "The certificate is somebody else's");
  return signer;
}

/** Whether a text looks like a JWS in compact form, and no SD-JWT. */
export function looksLikeStatement(source: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\s*$/.test(source);
}

/** Of files that were given together, the statement that names these bytes; whether it holds is another question. */
export function statementOver(bytes: Uint8Array, files: readonly Uint8Array[]): string | undefined {
  const digest = hex(sha256(bytes));
  for (const file of files) {
    const source = file.length > STATEMENT_FILE_MAX ? "" : new TextDecoder("latin1").decode(file);
    if (looksLikeStatement(source) && digestIn(source) === digest) return source;
  }
  return undefined;
}

function digestIn(source: string): unknown {
  try {
    return readStatement(source.trim()).said["digest"];
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Checks a statement by itself; what was signed is among the files that were given with it, or the verdict is open. */
export function verifyStatement(source: string, trust: SealTrust): Promise<Report> {
  return examine("statement", async (found, facts) => {
    const statement = readStatement(source.trim());
    const { said, certificates } = statement;
    const [, body = ""] = source.split(".");
    if (said["format"] !== FORMAT || canonical(said) !== text(base64url(body))) throw malformed();
    const signer = await checkSigner(statement, "statement.jws");
    if (signer === undefined) {
      found.push(SUITE_UNKNOWN);
      return;
    }
    found.push(good("signature", "签名有效", "The signature is right"));
    found.push(isGiven(said["digest"], trust) ? DOCUMENT_SIGNED : DOCUMENT_MISSING);
    await checkTrust(signer, certificates.slice(1), trust, found);
    facts["signedBy"] = describe(signer);
    for (const name of ["act", "case", "onBehalfOf", "words", "digest", "assurance", "at"])
      if (said[name] !== undefined) facts[name] = said[name];
  });
}

function isGiven(digest: unknown, { documents = [] }: SealTrust): boolean {
  return documents.some((bytes) => hex(sha256(bytes)) === digest);
}

async function checkTrust(
  signer: Certificate,
  others: readonly Certificate[],
  trust: SealTrust,
  found: Finding[],
): Promise<void> {
  const { roots, atMs } = trust;
  if (roots.length === 0) {
    found.push(
      open(
        "no-root",
        "未提供根证书，无法确认由谁签名：请提供（--root）",
        "Who signed cannot be told without a root certificate: give one with --root",
      ),
    );
    return;
  }
  await verifyPath(signer, others, { roots, atMs, use: "signing" });
  await checkIssued(signer, { trust, atMs }, found);
  found.push(
    good(
      "signer",
      `签名证书“${signer.commonName}”由您信任的根证书签发`,
      `The certificate of ${signer.commonName} leads to a root that you trust`,
    ),
    note(
      "not-revocation",
      "本工具离线核验：证书是否吊销，不查询；签名的时间只凭签名本身所述",
      "Checked off line: whether the certificate was revoked is not asked, and when it was signed only the statement itself tells",
    ),
  );
}

export const SUITE_UNKNOWN = open(
  "signature-suite",
  "有签名使用本工具不支持的算法，未予核验",
  "A signature uses an algorithm that this program does not know, and was not checked",
);
const DOCUMENT_SIGNED = good("document", "签的就是所给的文件", "What was signed is the file that was given");
const DOCUMENT_MISSING = open(
  "document-missing",
  "没有给出所签的内容（signed.json）：请一并给出",
  "What was signed (signed.json) was not given: give it with the statement",
);

function malformed(): Refusal {
  return new Refusal("malformed", "签名格式有误", "A signature is malformed");
}
