/**
 * Writes vectors/statement.json: what a person signed with a key of her own (a JWS over a statement), the content that it names, and the same with one
 * thing wrong each. New keys each time.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalBytes, STATEMENT_TYPE } from "#kernel/services/statement";
import { generateEd25519, randomBytes } from "#kernel/random";
import { writePem } from "#lib/asn1/pem";
import { issueX509 } from "#lib/certificate/certificate";
import { basicConstraints, extendedKeyUsage, keyUsage, type NewExtension } from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { toBase64, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { international } from "#lib/crypto/international";
import { publicKeyOf } from "#lib/crypto/keys";
import { national } from "#lib/crypto/national";
import { generateSm2Key, SM2_GENERATION_BYTES, type Sm2PrivateKey } from "#lib/crypto/sm2/keys";
import { JWS_SM2, writeJws } from "#lib/jws/jws";

const RECORD_SIGNING = "2.25.7786914701326341539299527814196259909.3.1";
const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
const AT = "2026-06-01T00:00:00Z";
const PERSON = "0197c7a0-0000-7000-8000-000000000002";
const newKey = () => generateSm2Key(randomBytes(SM2_GENERATION_BYTES));
const [rootKey, issuerKey, own, stranger] = [newKey(), newKey(), newKey(), newKey()];
const ed = generateEd25519();
const YEARS = { notBefore: Temporal.Instant.from("2026-01-01T00:00:00Z"), notAfter: Temporal.Instant.from("2029-01-01T00:00:00Z") };
const nameOf = (commonName: string, serialNumber?: string) => writeName({ country: "CN", organization: "样本", commonName, ...(serialNumber && { serialNumber }) });
const [ROOT, ISSUER] = [nameOf("样本 根"), nameOf("样本 个人")];

type Wanted = Pick<Parameters<typeof issueX509>[0], "issuer" | "subject" | "publicKey"> & { readonly by: Sm2PrivateKey; readonly extensions: readonly NewExtension[] };
const certificate = ({ by, ...content }: Wanted): Promise<Uint8Array> =>
  issueX509({ ...YEARS, ...content, algorithm: "SM2", serial: randomBytes(8).with(0, 1) }, (message) => national.sign({ key: by, message, encoding: "der" }));
const authority = [keyUsage(["keyCertSign", "crlSign"]), basicConstraints(true)];
const person = [keyUsage(["digitalSignature", "nonRepudiation"]), extendedKeyUsage([RECORD_SIGNING])];
const root = await certificate({ by: rootKey, issuer: ROOT, subject: ROOT, publicKey: rootKey.publicKey, extensions: authority });
const issuer = await certificate({ by: rootKey, issuer: ROOT, subject: ISSUER, publicKey: issuerKey.publicKey, extensions: authority });
const holder = (publicKey: Wanted["publicKey"], extensions = person, id: string = PERSON) =>
  certificate({ by: issuerKey, issuer: ISSUER, subject: nameOf("堃某某（样本）", id), publicKey, extensions });

const content = canonicalBytes({ form: { name: "堃记小吃店（样本）" }, materials: [] });
const statement = {
  ...{ format: "zhengtong-statement/1", act: "quality.foodBusinessLicence.submit", case: "0197c7a0-0000-7000-8000-00000000000a" },
  ...{ signer: { kind: "person", id: PERSON }, words: "我保证以上内容真实、完整", digest: sha256Hex(content) },
  ...{ assurance: { level: 2, provenAt: AT }, at: AT },
};
interface How {
  readonly said?: unknown;
  readonly key?: Sm2PrivateKey;
  readonly certificates?: readonly Uint8Array[];
  readonly type?: string;
}
const certificates = [await holder(own.publicKey), issuer];
const signed = ({ said = statement, key = own, certificates: chain = certificates, type = STATEMENT_TYPE }: How = {}) =>
  writeJws(canonicalBytes(said), type, { algorithm: JWS_SM2, certificates: chain, sign: async (message) => national.sign({ key, message }) });
const good = await signed();
const [head = "", body = "", tail = ""] = good.split(".");
const byEd = await writeJws(canonicalBytes(statement), STATEMENT_TYPE, {
  ...{ algorithm: "EdDSA", certificates: [await holder(publicKeyOf(ed)), issuer] },
  sign: async (message) => international.sign({ key: ed, message }),
});
const spaced = toBase64url(utf8(JSON.stringify(statement, undefined, 1)));
const loose = `${head}.${spaced}.${toBase64url(national.sign({ key: own, message: utf8(`${head}.${spaced}`) }))}`;
const spoilt = (part: string) => `${part[0] === "A" ? "B" : "A"}${part.slice(1)}`;
const roots = [writePem({ label: "CERTIFICATE", der: root })];

const cases = [
  { why: "with what was signed", expect: "valid", code: "document", file: good },
  { why: "of Ed25519", expect: "valid", code: "signer", file: byEd },
  { why: "without what was signed", expect: "unanchored", code: "document-missing", document: "", file: good },
  { why: "with something else", expect: "unanchored", code: "document-missing", document: toBase64(utf8("{}")), file: good },
  { why: "no root was given", expect: "unanchored", code: "no-root", roots: [], file: good },
  { why: "the certificate has ended", expect: "invalid", code: "expired", at: "2029-06-01T00:00:00Z", file: good },
  { why: "other words", expect: "invalid", code: "signature", file: `${head}.${toBase64url(utf8(Buffer.from(body, "base64url").toString().replace("真实", "虚假")))}.${tail}` },
  { why: "a bit of the signature", expect: "invalid", code: "signature", file: `${head}.${body}.${spoilt(tail)}` },
  { why: "signed by another key than the certificate's", expect: "invalid", code: "signature", file: await signed({ key: stranger }) },
  { why: "the certificate is somebody else's", expect: "invalid", code: "other-signer", file: await signed({ said: { ...statement, signer: { kind: "person", id: "0197c7a0-0000-7000-8000-000000000003" } } }) },
  { why: "a certificate for seals", expect: "invalid", code: "wrong-use", file: await signed({ certificates: [await holder(own.publicKey, [keyUsage(["digitalSignature"]), extendedKeyUsage([DOCUMENT_SIGNING])]), issuer] }) },
  { why: "an issuer that nobody knows", expect: "invalid", code: "untrusted", file: await signed({ certificates: [certificates[0] as Uint8Array] }) },
  { why: "signed as something else", expect: "invalid", code: "malformed", file: await signed({ type: "zhengtong-detached-seal+jws" }) },
  { why: "another format", expect: "invalid", code: "malformed", file: await signed({ said: { ...statement, format: "zhengtong-statement/2" } }) },
  { why: "a second spelling of the same words", expect: "invalid", code: "malformed", file: loose },
  { why: "the algorithm none", expect: "unanchored", code: "signature-suite", file: `${toBase64url(utf8(JSON.stringify({ alg: "none", typ: STATEMENT_TYPE })))}.${body}.` + "AA" },
];
const about = "Statements that persons signed with keys of their own (packages/verifier/README.md), and the same with one thing wrong each.";
const target = join(import.meta.dirname, "vectors/statement.json");
await writeFile(target, `${JSON.stringify({ about, document: toBase64(content), roots, at: AT, cases }, undefined, 1)}\n`);
