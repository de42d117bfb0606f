/** RSA as X.509 and CMS write it (RFC 4055, RFC 8017 appendix A.2), for certificates and signatures of authorities that are not ours. */
import {
  childAt,
  type DerElement,
  DerError,
  expectTag,
  readDer,
  readOid,
  readSmallInteger,
  TAG,
  writeDer,
  writeOid,
  writeSmallInteger,
} from "#lib/asn1/der";
import type { RsaDigest, RsaScheme } from "#lib/crypto/rsa";

const RSA = "1.2.840.113549.1.1.1";
const PSS = "1.2.840.113549.1.1.10";
const MASK = "1.2.840.113549.1.1.8";
const PKCS1: Readonly<Record<string, RsaDigest>> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
};
/** By object identifier: what RSA signs here; SHA-1 is not among them. */
export const RSA_DIGESTS: Readonly<Record<string, RsaDigest>> = Object.freeze({
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
});
const DIGEST_BYTES: Readonly<Record<RsaDigest, number>> = { sha256: 32, sha384: 48, sha512: 64 };
const SALT_MAX_BYTES = 64;
const TRAILER = 1;

/** Whether a SubjectPublicKeyInfo says that it is RSA; `lib/crypto/rsa.ts` judges the key. */
export function namesRsa(publicKeyInfo: Uint8Array): boolean {
  const id = readOid(childAt(childAt(expectTag(readDer(publicKeyInfo), TAG.sequence), 0, TAG.sequence), 0));
  return id === RSA || id === PSS;
}

/** Whether an AlgorithmIdentifier names an RSA signature, of a kind that is accepted or not. */
export function signsWithRsa(algorithm: DerElement): boolean {
  return readOid(childAt(expectTag(algorithm, TAG.sequence), 0)).startsWith("1.2.840.113549.1.1.");
}

/**
 * Reads an AlgorithmIdentifier of an RSA signature.
 * @param digest of CMS, where `rsaEncryption` alone may stand for PKCS #1 v1.5 with it (RFC 3370 §3.2); any scheme must be with it
 * @throws {DerError} for another one, such as with SHA-1, or PSS with two digests
 */
export function readRsaScheme(element: DerElement, digest?: RsaDigest): RsaScheme {
  const id = readOid(childAt(expectTag(element, TAG.sequence), 0));
  const scheme = id === PSS ? readPss(element) : readPkcs1(element, id, digest);
  if (digest !== undefined && scheme.digest !== digest) throw new DerError("two digests");
  return scheme;
}

/** The AlgorithmIdentifier of a scheme. PSS has a salt as long as its digest where none is said (RFC 4055 §3.1). */
export function writeRsaScheme({ padding, digest, saltBytes = DIGEST_BYTES[digest] }: RsaScheme): Uint8Array {
  if (padding === "pkcs1") return writeDer(TAG.sequence, writeOid(nameOf(PKCS1, digest)), writeDer(TAG.null));
  const hash = writeDer(TAG.sequence, writeOid(nameOf(RSA_DIGESTS, digest)), writeDer(TAG.null));
  const parameters = writeDer(
    TAG.sequence,
    writeDer(0xa0, hash),
    writeDer(0xa1, writeDer(TAG.sequence, writeOid(MASK), hash)),
    writeDer(0xa2, writeSmallInteger(saltBytes)),
  );
  return writeDer(TAG.sequence, writeOid(PSS), parameters);
}

function readPkcs1(element: DerElement, id: string, digest: RsaDigest | undefined): RsaScheme {
  requireNull(element);
  const named = id === RSA ? digest : PKCS1[id];
  if (named === undefined) throw new DerError("another signature algorithm");
  return { padding: "pkcs1", digest: named };
}

function readPss(element: DerElement): RsaScheme {
  if (element.children.length !== 2) throw new DerError("PSS without parameters");
  const parts = new Map<number, DerElement>();
  for (const part of childAt(element, 1, TAG.sequence).children) {
    if (parts.has(part.tag)) throw new DerError("a parameter stands twice");
    parts.set(part.tag, childAt(part, 0));
  }
  const [hash, mask, salt, trailer] = [0xa0, 0xa1, 0xa2, 0xa3].map((tag) => parts.get(tag));
  // What is left out means SHA-1 (RFC 4055 §3.1), which is not accepted.
  if (hash === undefined || mask === undefined || parts.size > [hash, mask, salt, trailer].filter(Boolean).length)
    throw new DerError("PSS with SHA-1, or with more");
  const digest = readDigest(hash);
  if (readOid(childAt(mask, 0)) !== MASK || readDigest(childAt(mask, 1, TAG.sequence)) !== digest)
    throw new DerError("PSS with two digests");
  const saltBytes = salt === undefined ? 20 : readSmallInteger(salt);
  if (saltBytes > SALT_MAX_BYTES || (trailer !== undefined && readSmallInteger(trailer) !== TRAILER))
    throw new DerError("PSS of another kind");
  return { padding: "pss", digest, saltBytes };
}

function readDigest(element: DerElement): RsaDigest {
  requireNull(element);
  const digest = RSA_DIGESTS[readOid(childAt(expectTag(element, TAG.sequence), 0))];
  if (digest === undefined) throw new DerError("another digest");
  return digest;
}

/** RFC 4055 §5: NULL is written, its absence understood. */
function requireNull(element: DerElement): void {
  const [, parameters, ...more] = element.children;
  if (more.length > 0 || (parameters && (parameters.tag !== TAG.null || parameters.content.length > 0)))
    throw new DerError("parameters that an algorithm lacks");
}

function nameOf(names: Readonly<Record<string, RsaDigest>>, digest: RsaDigest): string {
  const [id] = Object.entries(names).find(([, one]) => one === digest) ?? [];
  if (id === undefined) throw new RangeError(digest);
  return id;
}
