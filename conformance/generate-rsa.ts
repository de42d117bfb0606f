/**
 * Writes vectors/rsa.json: signatures, PDFs and a licence of authorities that are not ours, whose keys are RSA, and the same with one thing wrong
 * each. Needs the `openssl` command, which stamps. New keys each time.
 */
import { constants, createPrivateKey, generateKeyPairSync, type KeyObject, privateDecrypt, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PDF } from "@libpdf/core";
import { sealPdf } from "#kernel/documents/pdf-seal";
import { readDer, TAG, writeDer, writeOid, writeSmallInteger } from "#lib/asn1/der";
import { writePem } from "#lib/asn1/pem";
import { extendedKeyUsage, keyUsage } from "#lib/certificate/extensions";
import { writeRsaScheme } from "#lib/certificate/rsa";
import { toBase64, toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import type { RsaScheme } from "#lib/crypto/rsa";
import { DIGEST_OID, writeCertificateId } from "#lib/revocation/certificate-id";
import type { Revocation } from "#lib/revocation/reason";
import { BASIC_ANSWER, writeStatusPart } from "#lib/revocation/write-status-answer";
import { disclosable, issueSdJwt } from "#lib/sd-jwt/issue";
import { type OpensslStampOptions, stampWithOpenssl } from "#lib/time-stamp/testing/openssl-stamps";
import { TIME_STAMPING_USE } from "#lib/time-stamp/token";
import { readX509 } from "#lib/x509/certificate";
import { Openssl } from "#lib/x509/testing/openssl";
import { PKCS1_SHA256, PSS_SHA256, RsaAuthority, type RsaPair, rsaPair, rsaSign } from "#lib/x509/testing/rsa-authority";

const AT_MS = Date.now();
const AT = new Date(AT_MS).toISOString();
const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
const CLIENT = "1.3.6.1.5.5.7.3.2";
const MESSAGE = utf8("清源县市场监督管理局（样本）");
const NAME = "清源县市场监督管理局（样本）";
const NOTHING = writeDer(TAG.null);
const PKCS1_SHA384: RsaScheme = { padding: "pkcs1", digest: "sha384" };
const PKCS1_SHA512: RsaScheme = { padding: "pkcs1", digest: "sha512" };
const PSS_SHA384: RsaScheme = { padding: "pss", digest: "sha384", saltBytes: 48 };
const PSS_SHA512: RsaScheme = { padding: "pss", digest: "sha512", saltBytes: 20 };
const named = (id: string, ...parameters: readonly Uint8Array[]) => writeDer(TAG.sequence, writeOid(id), ...parameters);

// ── signatures ─────────────────────────────────────────────────────────────────────────────────────────────────────

const pair = rsaPair();
const long = rsaPair(3072);
/** A key that says that it is for PSS, and with what. */
function pssPair(options: object = {}): RsaPair {
  const made = generateKeyPairSync("rsa-pss", {
    ...{ modulusLength: 2048, ...options },
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  }) as unknown as { publicKey: Buffer; privateKey: Buffer };
  return { info: new Uint8Array(made.publicKey), key: createPrivateKey({ key: made.privateKey, format: "der", type: "pkcs8" }) };
}
const anyPss = pssPair();
const boundPss = pssPair({ hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256", saltLength: 32 });
const oldPss = pssPair({ hashAlgorithm: "sha1", mgf1HashAlgorithm: "sha1", saltLength: 20 });

interface SignatureCase {
  readonly why: string;
  readonly expect: "valid" | "invalid";
  readonly info?: Uint8Array;
  readonly algorithm?: Uint8Array;
  readonly message?: Uint8Array;
  readonly signature: Uint8Array;
}
const signatures: SignatureCase[] = [];
const add = (expect: "valid" | "invalid", why: string, one: Omit<SignatureCase, "why" | "expect">) => signatures.push({ why, expect, ...one });
const by = ({ key }: RsaPair, scheme: RsaScheme) => rsaSign(key, scheme, MESSAGE);

for (const scheme of [PKCS1_SHA256, PKCS1_SHA384, PKCS1_SHA512, PSS_SHA256, PSS_SHA384, PSS_SHA512]) {
  const name = `${scheme.padding} ${scheme.digest}`;
  add("valid", name, { algorithm: writeRsaScheme(scheme), signature: by(pair, scheme) });
  add("invalid", `${name}, another message`, { algorithm: writeRsaScheme(scheme), message: utf8("x"), signature: by(pair, scheme) });
  add("invalid", `${name}, another key`, { algorithm: writeRsaScheme(scheme), info: rsaPair().info, signature: by(pair, scheme) });
}
const good = by(pair, PKCS1_SHA256);
const pss = writeRsaScheme(PSS_SHA256);
add("valid", "a key of 3072 bits", { info: long.info, algorithm: pss, signature: by(long, PSS_SHA256) });
add("valid", "PKCS #1 without the NULL of its name", { algorithm: named("1.2.840.113549.1.1.11"), signature: good });
add("valid", "a key for PSS alone", { info: anyPss.info, algorithm: pss, signature: by(anyPss, PSS_SHA256) });
add("valid", "a key for PSS with SHA-256 alone", { info: boundPss.info, algorithm: pss, signature: by(boundPss, PSS_SHA256) });
/** The number of a key in general, so that it signs what it should not. */
function unbound(one: RsaPair): KeyObject {
  // The private numbers stand in the PKCS #8 structure behind another name.
  const whole = readDer(new Uint8Array(one.key.export({ format: "der", type: "pkcs8" })));
  const [version, , numbers] = whole.children;
  if (version === undefined || numbers === undefined) throw new Error("not PKCS #8");
  const der = writeDer(TAG.sequence, version.raw, named("1.2.840.113549.1.1.1", NOTHING), numbers.raw);
  return createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
}
add("invalid", "a key for PSS alone, used for PKCS #1", { info: anyPss.info, algorithm: writeRsaScheme(PKCS1_SHA256), signature: rsaSign(unbound(anyPss), PKCS1_SHA256, MESSAGE) });
add("invalid", "a key for PSS with SHA-256, used with SHA-512", { info: boundPss.info, algorithm: writeRsaScheme(PSS_SHA512), signature: rsaSign(unbound(boundPss), PSS_SHA512, MESSAGE) });
const short = { padding: "pss", digest: "sha256", saltBytes: 20 } as const;
add("invalid", "a key for PSS with a salt of 32 bytes at least, used with 20", { info: boundPss.info, algorithm: writeRsaScheme(short), signature: rsaSign(unbound(boundPss), short, MESSAGE) });
add("invalid", "a key for PSS with SHA-1", { info: oldPss.info, algorithm: pss, signature: rsaSign(unbound(oldPss), PSS_SHA256, MESSAGE) });
add("invalid", "PSS with another salt than it says", { algorithm: writeRsaScheme(short), signature: by(pair, PSS_SHA256) });
add("invalid", "PKCS #1 under the name of PSS", { algorithm: pss, signature: good });
add("invalid", "PSS under the name of PKCS #1", { algorithm: writeRsaScheme(PKCS1_SHA256), signature: by(pair, PSS_SHA256) });
add("invalid", "SHA-1", { algorithm: named("1.2.840.113549.1.1.5", NOTHING), signature: new Uint8Array(sign("sha1", MESSAGE, pair.key)) });
add("invalid", "PSS without parameters, which is SHA-1", { algorithm: named("1.2.840.113549.1.1.10"), signature: by(pair, PSS_SHA256) });
add("invalid", "PSS with empty parameters, which is SHA-1", { algorithm: named("1.2.840.113549.1.1.10", writeDer(TAG.sequence)), signature: by(pair, PSS_SHA256) });
const [sha256Name, sha512Name] = ["2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3"].map((id) => named(id, NOTHING)) as [Uint8Array, Uint8Array];
const parameters = (hash: Uint8Array, mask: Uint8Array, ...more: readonly Uint8Array[]) =>
  named("1.2.840.113549.1.1.10", writeDer(TAG.sequence, writeDer(0xa0, hash), writeDer(0xa1, named("1.2.840.113549.1.1.8", mask)), writeDer(0xa2, writeSmallInteger(32)), ...more));
add("valid", "PSS with its trailer written", { algorithm: parameters(sha256Name, sha256Name, writeDer(0xa3, writeSmallInteger(1))), signature: by(pair, PSS_SHA256) });
add("invalid", "PSS with two digests", { algorithm: parameters(sha256Name, sha512Name), signature: by(pair, PSS_SHA256) });
add("invalid", "PSS with another trailer", { algorithm: parameters(sha256Name, sha256Name, writeDer(0xa3, writeSmallInteger(2))), signature: by(pair, PSS_SHA256) });
add("invalid", "PSS with a parameter that it lacks", { algorithm: parameters(sha256Name, sha256Name, writeDer(0xa4, writeSmallInteger(1))), signature: by(pair, PSS_SHA256) });
add("invalid", "the name of a key for that of a signature", { algorithm: named("1.2.840.113549.1.1.1", NOTHING), signature: good });
add("invalid", "a zero before it", { algorithm: writeRsaScheme(PKCS1_SHA256), signature: Uint8Array.of(0, ...good) });
add("invalid", "a byte less", { algorithm: writeRsaScheme(PKCS1_SHA256), signature: good.subarray(1) });
add("invalid", "nothing", { algorithm: writeRsaScheme(PKCS1_SHA256), signature: new Uint8Array() });
add("invalid", "all zeros", { algorithm: writeRsaScheme(PKCS1_SHA256), signature: new Uint8Array(256) });

/** What whoever has the key can make of any block (and what a small exponent would let others make). */
const raw = (block: Uint8Array) => new Uint8Array(privateDecrypt({ key: pair.key, padding: constants.RSA_NO_PADDING }, block));
const digestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex");
const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", MESSAGE));
const block = (tail: Uint8Array, padding = 256 - 3 - tail.length, rest = new Uint8Array()) =>
  Uint8Array.of(0, 1, ...new Uint8Array(padding).fill(0xff), 0, ...tail, ...rest);
const whole = Uint8Array.of(...digestInfo, ...digest);
const forged = (why: string, bytes: Uint8Array) => add("invalid", why, { algorithm: writeRsaScheme(PKCS1_SHA256), signature: raw(bytes) });
add("valid", "a block written by hand", { algorithm: writeRsaScheme(PKCS1_SHA256), signature: raw(block(whole)) });
forged("padding that is short, and bytes after the digest", block(whole, 8, new Uint8Array(256 - 3 - 8 - whole.length).fill(7)));
forged("padding of other bytes", block(whole).with(20, 0xfe));
forged("a block of the second kind", block(whole).with(1, 2));
forged("the digest without the name of its algorithm", block(digest));
const bare = Uint8Array.of(...Buffer.from("302f300b0609608648016503040201" + "0420", "hex"), ...digest);
forged("the name of the digest without NULL", block(bare));
forged("a digest named in a longer form", block(Uint8Array.of(0x30, 0x81, ...whole.subarray(1))));

const keyOf = (modulus: Uint8Array, exponent: Uint8Array) =>
  writeDer(TAG.sequence, named("1.2.840.113549.1.1.1", NOTHING), writeDer(TAG.bitString, Uint8Array.of(0), writeDer(TAG.sequence, writeDer(TAG.integer, modulus), writeDer(TAG.integer, exponent))));
const modulusOf = (one: RsaPair) => Uint8Array.of(0, ...Buffer.from((one.key.export({ format: "jwk" }) as { n: string }).n, "base64url"));
const F4 = Uint8Array.of(1, 0, 1);
const weak = (modulusLength: number, publicExponent = 65_537): RsaPair => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength, publicExponent });
  return { key: privateKey, info: new Uint8Array(publicKey.export({ format: "der", type: "spki" })) };
};
const keyed = (why: string, one: RsaPair, info = one.info, expect: "valid" | "invalid" = "invalid") =>
  add(expect, why, { info, algorithm: writeRsaScheme(PKCS1_SHA256), signature: by(one, PKCS1_SHA256) });
keyed("the key written by hand", pair, keyOf(modulusOf(pair), F4), "valid");
keyed("a key of 1024 bits", weak(1024));
keyed("a key of 2040 bits", weak(2040));
keyed("an exponent of 3", weak(2048, 3));
keyed("an exponent of 257", weak(2048, 257));
keyed("a modulus with a zero too many", pair, keyOf(Uint8Array.of(0, ...modulusOf(pair)), F4));
keyed("a negative modulus", pair, keyOf(modulusOf(pair).subarray(1), F4));
keyed("an even modulus", pair, keyOf(modulusOf(pair).with(256, (modulusOf(pair)[256] ?? 0) ^ 1), F4));
keyed("an exponent with a zero too many", pair, keyOf(modulusOf(pair), Uint8Array.of(0, ...F4)));
keyed("a key without the NULL of its name", pair, writeDer(TAG.sequence, named("1.2.840.113549.1.1.1"), ...readDer(pair.info).children.slice(1).map((one) => one.raw)));

// ── documents ──────────────────────────────────────────────────────────────────────────────────────────────────────

const openssl = new Openssl();
const root = new RsaAuthority("外部根（样本）", PKCS1_SHA384, rsaPair(3072));
const issuer = new RsaAuthority("外部印章机构（样本）", PSS_SHA256, rsaPair(), root);
const stranger = new RsaAuthority("另一根（样本）", PKCS1_SHA256, pair);
const uses = (...ids: readonly string[]) => [keyUsage(["digitalSignature"]), extendedKeyUsage(ids)];
const holder = (one: RsaPair, extensions = uses(DOCUMENT_SIGNING), serial = 0x21) => issuer.issue({ commonName: NAME, info: one.info, extensions, serial });
const own = holder(pair);

const plain = PDF.create();
plain.addPage({ size: "a4" });
const unsealed = await plain.save();
interface Sealing {
  readonly certificate?: Uint8Array;
  readonly scheme?: RsaScheme;
  readonly algorithm?: Uint8Array;
  readonly issuers?: readonly Uint8Array[];
}
const signerOf = ({ certificate = own, scheme = PKCS1_SHA256, algorithm = writeRsaScheme(scheme), issuers = [issuer.certificate] }: Sealing) => ({
  ...{ certificate, issuers, algorithm },
  sign: async (data: Uint8Array) => rsaSign(pair.key, scheme, data),
});
const note = { reason: "食品经营许可证（样本）", name: NAME, at: Temporal.Instant.from(AT) };
const seal = (how: Sealing = {}) => sealPdf(unsealed, signerOf(how), note);

const stampPair = rsaPair();
const stampUses = [keyUsage(["digitalSignature"]), extendedKeyUsage([TIME_STAMPING_USE], true)];
const stamping = issuer.issue({ commonName: "外部时间戳（样本）", info: stampPair.info, extensions: stampUses, serial: 0x31 });
const stampingLater = issuer.issue({ commonName: "外部时间戳（样本）", info: stampPair.info, extensions: stampUses, serial: 0x31, notAfter: Temporal.Instant.from("2031-01-01T00:00:00Z") });
const stampBy = (options: OpensslStampOptions = {}) => async (digest: Uint8Array) =>
  stampWithOpenssl({ openssl, key: stampPair.key, certificates: [stamping, issuer.certificate] }, { algorithm: DIGEST_OID.sha256, digest }, options);

function answer(status: "good" | Revocation, signer = issuer): Uint8Array {
  const of = readX509(issuer.certificate);
  const id = { raw: writeCertificateId({ name: of.subject.raw, publicKeyInfo: of.publicKeyInfo }, readX509(own).serial, DIGEST_OID.sha256) };
  const times = { producedAtMs: AT_MS, thisUpdateMs: AT_MS, nextUpdateMs: AT_MS + 86_400_000 };
  const part = writeStatusPart({ ...times, responder: of.subject.raw, certificates: [{ id, status }], nonce: undefined });
  const signature = writeDer(TAG.bitString, Uint8Array.of(0), rsaSign(signer.pair.key, signer.scheme, part));
  const basic = writeDer(TAG.sequence, part, writeRsaScheme(signer.scheme), signature);
  const typed = writeDer(TAG.sequence, writeOid(BASIC_ANSWER), writeDer(TAG.octetString, basic));
  return writeDer(TAG.sequence, writeDer(0x0a, Uint8Array.of(0)), writeDer(0xa0, typed));
}
const lasting = (answers: readonly Uint8Array[], options: OpensslStampOptions = {}) =>
  sealPdf(unsealed, signerOf({}), { ...note, roomBytes: 8_192 }, {
    ...{ stamp: stampBy(options), stampRoomBytes: 4_096 },
    evidence: async () => ({ certificates: [issuer.certificate], answers, lists: [] }),
  });

/** Another certificate in the place of that of the last stamp, which nothing covers. */
function swapped(file: Uint8Array): Uint8Array {
  const [was, is] = [stamping, stampingLater].map((one) => Buffer.from(one).toString("hex")) as [string, string];
  const source = Buffer.from(file).toString("latin1");
  const at = source.lastIndexOf(was);
  if (was.length !== is.length || at < 0) throw new Error("it is not there");
  return Buffer.from(source.slice(0, at) + is + source.slice(at + was.length), "latin1");
}

/** The same certificate signed anew, in another way. */
function resigned(der: Uint8Array, algorithm: Uint8Array, how: (part: Uint8Array) => Uint8Array): Uint8Array {
  const [part] = readDer(der).children;
  const parts = (part?.children ?? []).map((one, at) => (at === 2 ? algorithm : one.raw));
  const signed = writeDer(TAG.sequence, ...parts);
  return writeDer(TAG.sequence, signed, algorithm, writeDer(TAG.bitString, Uint8Array.of(0), how(signed)));
}
const sha1Root = named("1.2.840.113549.1.1.5", NOTHING);
const sha1Issuer = resigned(issuer.certificate, sha1Root, (part) => new Uint8Array(sign("sha1", part, root.pair.key)));
const selfMade = resigned(root.certificate, sha1Root, (part) => new Uint8Array(sign("sha1", part, root.pair.key)));
const sealed = await seal();
const changed = Uint8Array.from(sealed);
changed[100] = (changed[100] ?? 0) ^ 1;
const flipped = Buffer.from(sealed).toString("latin1").replace(/(<[0-9a-f]{4000})(.)/, (_, before: string, one: string) => before + (one === "a" ? "b" : "a"));
const hour = 3_600_000;
const before = { atMs: AT_MS - hour, reason: "keyCompromise" } as const;
const after = { atMs: AT_MS + hour, reason: "superseded" } as const;

// A licence of an authority whose own key is P-256 below one whose is RSA.
const ec = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"])) as CryptoKeyPair;
const ecHolder = issuer.issue({ commonName: NAME, info: new Uint8Array(await crypto.subtle.exportKey("spki", ec.publicKey)), extensions: uses(DOCUMENT_SIGNING), serial: 0x41 });
const claims = { vct: "https://qingyuan.example/licence", number: "JY23506230105266", operator: disclosable("某店（样本）") };
const x5c = (der: Uint8Array) => [der, issuer.certificate].map(toBase64);
const token = await issueSdJwt({
  claims,
  signer: {
    ...{ algorithm: "ES256", certificates: x5c(ecHolder) },
    sign: async (data) => new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, ec.privateKey, Uint8Array.from(data))),
  },
  salt: () => crypto.getRandomValues(new Uint8Array(16)),
});
const rsaHead = toBase64url(utf8(JSON.stringify({ alg: "RS256", typ: "dc+sd-jwt", x5c: x5c(own) })));
const rsaBody = token.split("~")[0]?.split(".")[1] ?? "";
const rsaToken = `${rsaHead}.${rsaBody}.${toBase64url(rsaSign(pair.key, PKCS1_SHA256, utf8(`${rsaHead}.${rsaBody}`)))}~`;
const claimedHead = toBase64url(utf8(JSON.stringify({ alg: "ES256", typ: "dc+sd-jwt", x5c: x5c(own) })));
const claimedToken = `${claimedHead}.${rsaBody}.${toBase64url(rsaSign(pair.key, PKCS1_SHA256, utf8(`${claimedHead}.${rsaBody}`)))}~`;

const pems = (...ders: readonly Uint8Array[]) => ders.map((der) => writePem({ label: "CERTIFICATE", der }));
const cases = [
  { why: "sealed with PKCS #1, below an issuer that signs with PSS and a root that signs with SHA-384", expect: "valid", code: "sealer", file: sealed },
  { why: "sealed with PSS", expect: "valid", code: "sealer", file: await seal({ scheme: PSS_SHA256 }) },
  { why: "its algorithm named as that of a key, as many do (RFC 3370 §3.2)", expect: "valid", code: "sealer", file: await seal({ algorithm: named("1.2.840.113549.1.1.1", NOTHING) }) },
  { why: "no root was given", expect: "unanchored", code: "no-root", roots: [], file: sealed },
  { why: "another root", expect: "invalid", code: "untrusted", roots: pems(stranger.certificate), file: sealed },
  { why: "a root that signed itself with SHA-1: whoever trusts it does not trust it for that", expect: "valid", code: "sealer", roots: pems(selfMade), file: sealed },
  { why: "a byte of the document", expect: "invalid", code: "seal-digest", file: changed },
  { why: "a byte of the structure", expect: "invalid", code: "*", file: Buffer.from(flipped, "latin1") },
  { why: "the issuer signed with SHA-1", expect: "invalid", code: "certificate-signature", file: await seal({ issuers: [sha1Issuer] }) },
  { why: "a signature with SHA-512 over a digest of SHA-256", expect: "invalid", code: "algorithm", file: await seal({ scheme: PKCS1_SHA512 }) },
  { why: "PSS with SHA-512 over a digest of SHA-256", expect: "invalid", code: "algorithm", file: await seal({ scheme: PSS_SHA512 }) },
  { why: "signed with PKCS #1 under the name of PSS", expect: "invalid", code: "seal-signature", file: await seal({ algorithm: pss }) },
  { why: "under the name of ECDSA", expect: "invalid", code: "algorithm", file: await seal({ algorithm: named("1.2.840.10045.4.3.2") }) },
  { why: "signed by another key than the certificate's", expect: "invalid", code: "seal-signature", file: await seal({ certificate: holder(long) }) },
  { why: "a certificate for connections", expect: "invalid", code: "wrong-use", file: await seal({ certificate: holder(pair, uses(CLIENT)) }) },
  { why: "with the certificate of an issuer whose key has 1024 bits", expect: "invalid", code: "key-type", file: await seal({ issuers: [new RsaAuthority("外部印章机构（样本）", PKCS1_SHA256, weak(1024), root).certificate] }) },
  { why: "stamped by RSA with SHA-256, with an RSA answer", expect: "valid", code: "not-revoked", file: await lasting([answer("good")]) },
  { why: "stamped by RSA with SHA-384", expect: "valid", code: "stamped", file: await lasting([], { digest: "sha384", namedBy: "sha384" }) },
  { why: "stamped by RSA with SHA-512", expect: "valid", code: "stamped", file: await lasting([], { digest: "sha512", namedBy: "sha256" }) },
  { why: "a stamp that names its certificate by SHA-1, as RFC 3161 had it", expect: "valid", code: "stamped", file: await lasting([], { namedBy: "sha1" }) },
  { why: "such a stamp with another certificate of the same name, number and key", expect: "invalid", code: "seal-certificate", file: swapped(await lasting([], { namedBy: "sha1" })) },
  { why: "a stamp that names another by SHA-256", expect: "invalid", code: "seal-certificate", file: swapped(await lasting([])) },
  { why: "revoked before", expect: "invalid", code: "revoked", file: await lasting([answer(before)]) },
  { why: "revoked later", expect: "valid", code: "revoked-since", file: await lasting([answer(after)]) },
  { why: "an answer of somebody else says nothing", expect: "valid", code: "no-evidence", file: await lasting([answer(before, stranger)]) },
  { why: "stamped with SHA-1", expect: "invalid", code: "algorithm", file: await lasting([], { digest: "sha1" }) },
  { why: "a licence of P-256 below RSA", expect: "valid", code: "issuer", file: utf8(token) },
  { why: "a licence signed with RSA, which no node issues", expect: "invalid", code: "signature", file: utf8(rsaToken) },
  { why: "the same under the name of ECDSA", expect: "invalid", code: "signature", file: utf8(claimedToken) },
];
openssl.close();

const base64 = (bytes: Uint8Array) => toBase64(bytes);
const about = "Signatures, PDFs and licences of authorities whose keys are RSA (packages/verifier/README.md), and the same with one thing wrong each.";
const written = {
  ...{ about, at: AT, message: base64(MESSAGE), publicKeyInfo: base64(pair.info), roots: pems(root.certificate) },
  signatures: signatures.map(({ why, expect, info, algorithm, message, signature }) => ({
    ...{ why, expect, ...(info && { publicKeyInfo: base64(info) }), algorithm: base64(algorithm ?? pss) },
    ...{ ...(message && { message: base64(message) }), signature: base64(signature) },
  })),
  cases: cases.map(({ file, ...one }) => ({ ...one, file: base64(file) })),
};
await writeFile(join(import.meta.dirname, "vectors/rsa.json"), `${JSON.stringify(written, undefined, 1)}\n`);
