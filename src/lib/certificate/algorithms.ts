/** Signature algorithms and public keys as X.509 writes them, for the algorithms of our suites. */
import {
  childAt,
  type DerElement,
  DerError,
  expectTag,
  readBitString,
  readDer,
  readOid,
  TAG,
  writeDer,
  writeOid,
} from "#lib/asn1/der";
import { equalBytes } from "#lib/crypto/bytes";
import type { HybridPublicKey } from "#lib/crypto/hybrid";
import { hybridFromSpki, hybridSpkiOf, isHybridAlgorithm } from "#lib/crypto/hybrid-files";
import { KeyFormatError } from "#lib/crypto/key-format-error";
import { type PublicKey, publicKeyFromSpki, spkiOf } from "#lib/crypto/keys";
import { verifyWith } from "#lib/crypto/purposes";
import { verifyRsa } from "#lib/crypto/rsa";
import { SM2_CURVE_OID, sm2PublicKeyFromSpki, sm2SpkiOf } from "#lib/crypto/sm2/key-files";
import type { Sm2PublicKey } from "#lib/crypto/sm2/keys";
import type { SuiteName } from "#lib/crypto/suite";
import { namesRsa, readRsaScheme } from "./rsa.ts";

/** What certificates are signed with. The hybrid suite is not among them: no format of certificates for it is settled. */
export type CertificateAlgorithm = "ES256" | "EdDSA" | "SM2";
/** A public key that certifies. */
export type CertifyingKey = PublicKey | Sm2PublicKey;
/** A public key that a certificate can hold. */
export type CertifiedKey = CertifyingKey | HybridPublicKey;

const SIGNATURE_OIDS: Readonly<Record<CertificateAlgorithm, string>> = Object.freeze({
  /** RFC 5758 §3.2: ecdsa-with-SHA256 */
  ES256: "1.2.840.10045.4.3.2",
  /** RFC 8410 §3 */
  EdDSA: "1.3.101.112",
  /** GM/T 0006 and GM/T 0015: SM2 with SM3, under the default identity */
  SM2: "1.2.156.10197.1.501",
});

/** AlgorithmIdentifier without parameters, as all three are written. */
export function writeAlgorithm(algorithm: CertificateAlgorithm): Uint8Array {
  return writeDer(TAG.sequence, writeOid(SIGNATURE_OIDS[algorithm]));
}

/**
 * Reads an AlgorithmIdentifier of a signature. SM2's may have NULL for parameters, as GM/T 0015 shows it.
 * @throws {DerError} for another algorithm
 */
export function readAlgorithm(element: DerElement): CertificateAlgorithm {
  const oid = readOid(childAt(expectTag(element, TAG.sequence), 0));
  const found = (Object.keys(SIGNATURE_OIDS) as CertificateAlgorithm[]).find((name) => SIGNATURE_OIDS[name] === oid);
  if (found === undefined) throw new DerError("another signature algorithm");
  const parameters = element.children.slice(1);
  const isNull = parameters.length === 1 && parameters[0]?.tag === TAG.null && parameters[0].content.length === 0;
  if (parameters.length > 0 && !(found === "SM2" && isNull)) throw new DerError("parameters that an algorithm lacks");
  return found;
}

/** SubjectPublicKeyInfo, DER. */
export function writePublicKey(key: CertifiedKey): Uint8Array {
  if (key.algorithm === "Ed25519+ML-DSA-65") return hybridSpkiOf(key);
  return key.algorithm === "SM2" ? sm2SpkiOf(key) : spkiOf(key);
}

/**
 * Reads a SubjectPublicKeyInfo: P-256, Ed25519, SM2, or Ed25519 with ML-DSA-65, which is certified but certifies nothing.
 * @throws {DerError} for another key, or a key in another writing than ours
 */
export function readPublicKey(info: Uint8Array): CertifiedKey {
  const algorithm = childAt(expectTag(readDer(info), TAG.sequence), 0, TAG.sequence);
  const [, curve] = algorithm.children;
  const national = curve?.tag === TAG.oid && readOid(curve) === SM2_CURVE_OID;
  try {
    const key = isHybridAlgorithm(algorithm.raw)
      ? hybridFromSpki(info)
      : national
        ? sm2PublicKeyFromSpki(info)
        : publicKeyFromSpki(info);
    // OpenSSL reads more writings of a key than one.
    if (!equalBytes(writePublicKey(key), info)) throw new DerError("a key in another writing");
    return key;
  } catch (error) {
    if (error instanceof KeyFormatError) throw new DerError(error.message);
    throw error;
  }
}

/** The same, for a key that is to certify. @throws {DerError} for one of the hybrid suite besides */
export function readCertifyingKey(info: Uint8Array): CertifyingKey {
  const key = readPublicKey(info);
  if (key.algorithm === "Ed25519+ML-DSA-65") throw new DerError("a key that certifies nothing");
  return key;
}

/**
 * The bits of a public key without its algorithm: what key identifiers and OCSP digest (RFC 5280 §4.2.1.2, RFC 6960
 * §4.1.1).
 */
export function publicKeyBits(key: CertifiedKey): Uint8Array {
  return readBitString(childAt(readDer(writePublicKey(key)), 1));
}

/** A signature of a certificate, request, revocation list or answer, as it stands in it. */
export interface SignedBytes {
  /** SubjectPublicKeyInfo of the signer, DER. */
  readonly publicKeyInfo: Uint8Array;
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Whether a key made a signature. False, too, for algorithms that are not known or do not fit the key, and for what is
 * no key: it never throws on what comes from outside. Fits `PathOptions.verify` of lib/x509.
 * @param accepted the suites that the purpose allows, default both; with the international one goes RSA, as other authorities use it
 */
export function verifySigned(
  { publicKeyInfo, algorithm, signed, signature }: SignedBytes,
  accepted: readonly SuiteName[] = ["international", "national"],
): boolean {
  try {
    if (namesRsa(publicKeyInfo)) {
      if (!accepted.includes("international")) return false;
      return verifyRsa({ publicKeyInfo, scheme: readRsaScheme(readDer(algorithm)), message: signed, signature });
    }
    const key = knownKey(publicKeyInfo);
    if (readAlgorithm(readDer(algorithm)) !== key.algorithm) return false;
    return verifyWith(accepted, { key, message: signed, signature, encoding: "der" });
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Issuers are few and sign much; reading a key anew costs as much as a quarter of verifying with it. */
const known = new Map<string, CertifiedKey>();
const KNOWN_KEYS_MAX = 256;

function knownKey(info: Uint8Array): CertifiedKey {
  const hex = info.toHex();
  const key = known.get(hex) ?? readPublicKey(info);
  known.delete(hex);
  known.set(hex, key);
  const oldest = known.keys().next();
  if (known.size > KNOWN_KEYS_MAX && oldest.done !== true) known.delete(oldest.value);
  return key;
}
