/**
 * Writes vectors/detached-seals.json: a document, seals beside it in the national and the hybrid suite below an authority that may certify one
 * province alone, and the same with one thing wrong each. New keys each time.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDetachedSeal } from "#kernel/documents/detached-seal";
import { randomBytes } from "#kernel/random";
import { writePem } from "#lib/asn1/pem";
import { issueX509 } from "#lib/certificate/certificate";
import { basicConstraints, extendedKeyUsage, keyUsage, type NewExtension, permittedNames } from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { toBase64, toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { HYBRID_SEED_BYTES, hybrid, hybridFromSeed, hybridPublicKeyOf } from "#lib/crypto/hybrid";
import { national } from "#lib/crypto/national";
import { generateSm2Key, SM2_GENERATION_BYTES, type Sm2PrivateKey } from "#lib/crypto/sm2/keys";
import { JWS_HYBRID, JWS_SM2, type JwsSigner } from "#lib/jws/jws";

const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
const CLIENT = "1.3.6.1.5.5.7.3.2";
const AT = "2026-06-01T00:00:00Z";
const document = utf8("%PDF-1.7 准予许可决定书（样本）\n");
const newKey = () => generateSm2Key(randomBytes(SM2_GENERATION_BYTES));
const [rootKey, issuerKey, sealKey, strangerKey] = [newKey(), newKey(), newKey(), newKey()];
const hybridKey = hybridFromSeed(randomBytes(HYBRID_SEED_BYTES));
const YEARS = { notBefore: Temporal.Instant.from("2026-01-01T00:00:00Z"), notAfter: Temporal.Instant.from("2036-01-01T00:00:00Z") };
const ROOT = writeName({ country: "CN", organization: "样本", commonName: "样本 SM2 根" });
const ISSUER = writeName({ country: "CN", province: "样本省", organization: "样本", commonName: "样本省 机关印章" });
const SEALER = { country: "CN", province: "样本省", organization: "样本县市场监督管理局", commonName: "样本县市场监督管理局（样本）" };

interface Wanted {
  readonly by: Sm2PrivateKey;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: Parameters<typeof issueX509>[0]["publicKey"];
  readonly extensions: readonly NewExtension[];
}

function certificate({ by, ...content }: Wanted): Promise<Uint8Array> {
  return issueX509({ ...YEARS, ...content, algorithm: "SM2", serial: randomBytes(8).with(0, 1) }, (message) =>
    national.sign({ key: by, message, encoding: "der" }),
  );
}

const authority = [keyUsage(["keyCertSign", "crlSign"]), basicConstraints(true)];
const seals = [keyUsage(["digitalSignature", "nonRepudiation"]), extendedKeyUsage([DOCUMENT_SIGNING])];
const root = await certificate({ by: rootKey, issuer: ROOT, subject: ROOT, publicKey: rootKey.publicKey, extensions: authority });
const issuer = await certificate({
  ...{ by: rootKey, issuer: ROOT, subject: ISSUER, publicKey: issuerKey.publicKey },
  extensions: [...authority, permittedNames({ directories: [writeName({ country: "CN", province: "样本省" })] })],
});
const holder = (subject: Parameters<typeof writeName>[0], publicKey: Wanted["publicKey"], extensions = seals) =>
  certificate({ by: issuerKey, issuer: ISSUER, subject: writeName(subject), publicKey, extensions });

const sm2Signer = (own: Uint8Array, key = sealKey): JwsSigner => ({
  ...{ algorithm: JWS_SM2, certificates: [own, issuer] },
  sign: async (message) => national.sign({ key, message }),
});
const hybridSigner = (own: Uint8Array): JwsSigner => ({
  ...{ algorithm: JWS_HYBRID, certificates: [own, issuer] },
  sign: async (message) => hybrid.sign({ key: hybridKey, message }),
});
const sealOf = async (signers: readonly JwsSigner[]) =>
  fromUtf8(await writeDetachedSeal({ document, authority: "0197c7a0-0000-7000-8000-000000000001", reason: "准予许可决定书", at: AT, signers }));

const own = await holder(SEALER, sealKey.publicKey);
const ownHybrid = await holder(SEALER, hybridPublicKeyOf(hybridKey));
const good = await sealOf([sm2Signer(own), hybridSigner(ownHybrid)]);
const elsewhere = await holder({ ...SEALER, province: "另一省" }, sealKey.publicKey);
const nowhere = await holder({ country: "CN", commonName: "样本机关（样本）" }, sealKey.publicKey);
const other = await holder({ ...SEALER, commonName: "另一机关（样本）" }, hybridPublicKeyOf(hybridKey));
const connects = await holder(SEALER, sealKey.publicKey, [keyUsage(["digitalSignature"]), extendedKeyUsage([CLIENT])]);

type Parts = { payload: string; signatures: { protected: string; signature: string }[] };
const change = (how: (parts: Parts) => Partial<Parts>): string => {
  const parts = JSON.parse(good) as Parts;
  return JSON.stringify({ ...parts, ...how(parts) });
};
const spoilt = (signature: string) => toBase64url(Buffer.from(signature, "base64url").map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
const roots = [writePem({ label: "CERTIFICATE", der: root })];

const cases = [
  { why: "whole, in two suites, in the province", expect: "valid", code: "sealer", seal: good },
  { why: "SM2 alone", expect: "valid", code: "sealer", seal: await sealOf([sm2Signer(own)]) },
  { why: "no root given", expect: "unanchored", code: "no-root", roots: [], seal: good },
  { why: "the document was not given", expect: "unanchored", code: "document-missing", document: "", seal: good },
  { why: "another document", expect: "unanchored", code: "document-missing", document: toBase64(utf8("%PDF-1.7 不予许可\n")), seal: good },
  { why: "the certificates have ended", expect: "invalid", code: "expired", at: "2037-01-01T00:00:00Z", seal: good },
  { why: "the hybrid signature was taken off", expect: "invalid", code: "signature-missing", seal: change(({ signatures }) => ({ signatures: signatures.slice(0, 1) })) },
  { why: "a bit of SM2", expect: "invalid", code: "seal-signature", seal: change(({ signatures: [a, b] }) => ({ signatures: [{ ...a!, signature: spoilt(a!.signature) }, b!] })) },
  { why: "a bit of the hybrid signature", expect: "invalid", code: "seal-signature", seal: change(({ signatures: [a, b] }) => ({ signatures: [a!, { ...b!, signature: spoilt(b!.signature) }] })) },
  { why: "another statement", expect: "invalid", code: "seal-signature", seal: change(({ payload }) => ({ payload: toBase64url(utf8(Buffer.from(payload, "base64url").toString().replace("准予", "不予"))) })) },
  { why: "signed by a key that the certificate does not name", expect: "invalid", code: "seal-signature", seal: await sealOf([sm2Signer(own, strangerKey)]) },
  { why: "two sealers", expect: "invalid", code: "two-sealers", seal: await sealOf([sm2Signer(own), hybridSigner(other)]) },
  { why: "a certificate for connections", expect: "invalid", code: "wrong-use", seal: await sealOf([sm2Signer(connects)]) },
  { why: "a sealer of another province than its issuer may certify", expect: "invalid", code: "name-not-permitted", seal: await sealOf([sm2Signer(elsewhere)]) },
  { why: "a sealer of no province", expect: "invalid", code: "name-not-permitted", seal: await sealOf([sm2Signer(nowhere)]) },
];

const about = "Detached seals (docs/protocols/detached-seals.md) of one document below one root, and the same with one thing wrong each.";
const file = join(import.meta.dirname, "vectors/detached-seals.json");
await writeFile(file, `${JSON.stringify({ about, document: toBase64(document), roots, at: AT, cases }, undefined, 1)}\n`);
