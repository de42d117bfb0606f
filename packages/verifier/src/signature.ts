/**
 * Keys and signatures of every suite. Ed25519, ECDSA P-256 and the RSA of other authorities are the runtime's; SM2 and ML-DSA-65, which few runtimes know, are
 * computed here, slower and the same everywhere.
 */
import { concat, fromHex, same, utf8 } from "./bytes.ts";
import {
  digestOf,
  type Jwk,
  type VerifyingKey as RuntimeKey,
  rsaVerifies,
  keyFromEd25519 as runtimeKeyFromEd25519,
  keyFromJwk as runtimeKeyFromJwk,
  keyFromSpki as runtimeKeyFromSpki,
  verifies as runtimeVerifies,
} from "./crypto.ts";
import { child, type Element, oid } from "./der.ts";
import { rawOfDer } from "./ecdsa-form.ts";
import { ML_DSA_65_KEY_BYTES, ML_DSA_65_SIGNATURE_BYTES, mlDsa65Verifies } from "./ml-dsa.ts";
import { mayUse, type RsaDigest, type RsaKey, type RsaScheme, readRsaScheme, rsaFromSpki } from "./rsa-form.ts";
import { isSm2Point, SM2_POINT_BYTES, sm2Verifies } from "./sm2.ts";

export interface Sm2Key {
  readonly algorithm: "SM2";
  /** 04 ‖ x ‖ y, on the curve. */
  readonly point: Uint8Array;
}

/** Both must verify (docs/protocols/cryptographic-suites.md). */
export interface HybridKey {
  readonly algorithm: "Ed25519+ML-DSA-65";
  readonly classical: RuntimeKey;
  readonly postQuantum: Uint8Array;
}

export type VerifyingKey = RuntimeKey | Sm2Key | HybridKey | RsaKey;

/** How a signature is written: of an elliptic curve "raw" is r ‖ s, "der" is ASN.1; of RSA what it is made with. */
export type SignatureForm = "raw" | "der" | RsaScheme;

/** GM/T 0006: SM2 with SM3. */
export const SM2_WITH_SM3 = "1.2.156.10197.1.501";
export const HYBRID = "2.25.7786914701326341539299527814196259909.4.1";
/** The same as DER of an object identifier. */
export const SM2_WITH_SM3_DER = fromHex("06082a811ccf55018375");
export const HYBRID_DER = fromHex("0615698bdbdaa2a985eab2f79fb4ecb4f8f1c1d8450401");

/**
 * What a JWS names them by: JOSE has no names for the last two, and a name of one's own must not collide (RFC 7515 §4.1.1). What is a JWS
 * has no RSA.
 */
const JWS_NAMES: Readonly<Record<Exclude<VerifyingKey["algorithm"], "RSA">, string>> = {
  EdDSA: "EdDSA",
  ES256: "ES256",
  SM2: `urn:oid:${SM2_WITH_SM3}`,
  "Ed25519+ML-DSA-65": `urn:oid:${HYBRID}`,
};

/** Whether a JWS that names this algorithm can be of this key. */
export function isJwsOf({ algorithm }: VerifyingKey, name: unknown): boolean {
  return algorithm !== "RSA" && name === JWS_NAMES[algorithm];
}

/** Whether some key here can verify a JWS of this algorithm. */
export function isJwsKnown(name: string): boolean {
  return Object.values(JWS_NAMES).includes(name);
}

/** What certificates, answers and CMS name them by. */
const X509_NAMES: Readonly<Record<string, VerifyingKey["algorithm"]>> = {
  "1.2.840.10045.4.3.2": "ES256",
  "1.3.101.112": "EdDSA",
  [SM2_WITH_SM3]: "SM2",
};

/**
 * How a signature of this key is written where an AlgorithmIdentifier names its algorithm; undefined where that is another key's, or known to nobody here.
 * @param digest of CMS, for RSA
 */
export function signatureForm(named: Element, key: VerifyingKey, digest?: RsaDigest): SignatureForm | undefined {
  if (key.algorithm === "RSA") return readRsaScheme(named, digest);
  return X509_NAMES[oid(child(named, 0))] === key.algorithm ? "der" : undefined;
}

const ED25519_KEY_BYTES = 32;
const ED25519_SIGNATURE_BYTES = 64;
export const HYBRID_KEY_BYTES = ED25519_KEY_BYTES + ML_DSA_65_KEY_BYTES;
const HYBRID_PREFIX = utf8("zhengtong/ed25519+ml-dsa-65/1\0");
/** SubjectPublicKeyInfo up to the point. */
const SM2_SPKI = fromHex("3059301306072a8648ce3d020106082a811ccf5501822d034200");
const HYBRID_SPKI = (() => {
  const algorithm = concat(Uint8Array.of(0x30, HYBRID_DER.length), HYBRID_DER);
  const bits = HYBRID_KEY_BYTES + 1;
  const bitString = Uint8Array.of(0x03, 0x82, bits >> 8, bits & 0xff, 0);
  const length = algorithm.length + bitString.length + HYBRID_KEY_BYTES;
  return concat(Uint8Array.of(0x30, 0x82, length >> 8, length & 0xff), algorithm, bitString);
})();

/** Reads a SubjectPublicKeyInfo; undefined for a key of another kind, or in another spelling. */
export function keyFromSpki(der: Uint8Array): VerifyingKey | undefined {
  if (der.length === SM2_SPKI.length + SM2_POINT_BYTES && same(der.subarray(0, SM2_SPKI.length), SM2_SPKI))
    return keyFromSm2(der.slice(SM2_SPKI.length));
  if (der.length === HYBRID_SPKI.length + HYBRID_KEY_BYTES && same(der.subarray(0, HYBRID_SPKI.length), HYBRID_SPKI))
    return keyFromHybrid(der.slice(HYBRID_SPKI.length));
  return runtimeKeyFromSpki(der) ?? rsaFromSpki(der);
}

export function keyFromJwk(jwk: Jwk): VerifyingKey | undefined {
  return runtimeKeyFromJwk(jwk);
}

/** @param raw the 32 bytes of the key */
export function keyFromEd25519(raw: Uint8Array): VerifyingKey | undefined {
  return runtimeKeyFromEd25519(raw);
}

/** @param point 04 ‖ x ‖ y */
export function keyFromSm2(point: Uint8Array): Sm2Key | undefined {
  return isSm2Point(point) ? { algorithm: "SM2", point } : undefined;
}

/** @param raw Ed25519 key ‖ ML-DSA-65 key */
export function keyFromHybrid(raw: Uint8Array): HybridKey | undefined {
  if (raw.length !== HYBRID_KEY_BYTES) return undefined;
  const classical = runtimeKeyFromEd25519(raw.subarray(0, ED25519_KEY_BYTES));
  if (classical === undefined) return undefined;
  return { algorithm: "Ed25519+ML-DSA-65", classical, postQuantum: raw.slice(ED25519_KEY_BYTES) };
}

export async function verifies(
  key: VerifyingKey,
  message: Uint8Array,
  signature: Uint8Array,
  form: SignatureForm,
): Promise<boolean> {
  if (key.algorithm === "RSA") {
    const fits = typeof form === "object" && mayUse(key, form) && signature.length === key.bytes;
    return fits && (await rsaVerifies(key, form, { message, signature }));
  }
  if (typeof form === "object") return false;
  switch (key.algorithm) {
    case "SM2": {
      const raw = form === "raw" ? signature : rawOfDer(signature);
      return raw !== undefined && sm2Verifies(key.point, message, raw);
    }
    case "Ed25519+ML-DSA-65":
      return hybridVerifies(key, message, signature);
    default:
      return await runtimeVerifies(key, message, signature, form);
  }
}

async function hybridVerifies(key: HybridKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== ED25519_SIGNATURE_BYTES + ML_DSA_65_SIGNATURE_BYTES) return false;
  const bound = concat(HYBRID_PREFIX, await digestOf("SHA-512", message));
  const classical = signature.subarray(0, ED25519_SIGNATURE_BYTES);
  return (
    (await runtimeVerifies(key.classical, bound, classical, "raw")) &&
    mlDsa65Verifies(key.postQuantum, bound, signature.subarray(ED25519_SIGNATURE_BYTES))
  );
}
