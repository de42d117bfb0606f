import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { fromBase64url } from "./base64url.ts";
import { concatBytes } from "./bytes.ts";
import { KeyFormatError } from "./key-format-error.ts";

/** By their JOSE names: EdDSA is Ed25519 (RFC 8032), ES256 is ECDSA on P-256 with SHA-256. */
export type SignatureAlgorithm = "EdDSA" | "ES256";

/** "raw" is r ‖ s (IEEE P1363, as in JOSE), "der" is the ASN.1 form (as in X.509 and CMS). Ed25519 has one form. */
export type SignatureEncoding = "raw" | "der";

export interface PrivateKey {
  readonly kind: "private";
  readonly algorithm: SignatureAlgorithm;
  readonly handle: KeyObject;
}

export interface PublicKey {
  readonly kind: "public";
  readonly algorithm: SignatureAlgorithm;
  readonly handle: KeyObject;
}

/** A public key as RFC 7517 writes it. */
export interface Jwk {
  readonly kty: "OKP" | "EC";
  readonly crv: "Ed25519" | "P-256";
  readonly x: string;
  readonly y?: string;
}

export const ED25519_KEY_BYTES = 32;
const PKCS8_ED25519_PREFIX = Uint8Array.fromHex("302e020100300506032b657004220420"); // RFC 8410 §7
const SPKI_ED25519_PREFIX = Uint8Array.fromHex("302a300506032b6570032100"); // RFC 8410 §4

/** @throws KeyFormatError */
export function privateKeyFromPkcs8(der: Uint8Array): PrivateKey {
  const handle = parse(() => createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" }));
  return Object.freeze({ kind: "private", algorithm: algorithmOf(handle), handle });
}

/** @throws KeyFormatError */
export function publicKeyFromSpki(der: Uint8Array): PublicKey {
  const handle = parse(() => createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }));
  return Object.freeze({ kind: "public", algorithm: algorithmOf(handle), handle });
}

/** @param seed 32 secret bytes (RFC 8032 §5.1.5) */
export function ed25519FromSeed(seed: Uint8Array): PrivateKey {
  if (seed.length !== ED25519_KEY_BYTES) throw new KeyFormatError("an Ed25519 seed has 32 bytes");
  return privateKeyFromPkcs8(concatBytes(PKCS8_ED25519_PREFIX, seed));
}

/** @param raw the 32 bytes of the public key (RFC 8032 §5.1.2) */
export function ed25519FromRaw(raw: Uint8Array): PublicKey {
  if (raw.length !== ED25519_KEY_BYTES) throw new KeyFormatError("an Ed25519 public key has 32 bytes");
  return publicKeyFromSpki(concatBytes(SPKI_ED25519_PREFIX, raw));
}

/** The 32 bytes of an Ed25519 public key. */
export function ed25519Raw(key: PublicKey): Uint8Array {
  if (key.algorithm !== "EdDSA") throw new KeyFormatError("not an Ed25519 key");
  return spkiOf(key).slice(SPKI_ED25519_PREFIX.length);
}

/** SEC 1 (RFC 5915) without the public key, which follows: ECPrivateKey ‖ 32 bytes ‖ [0] prime256v1. */
const SEC1_P256_PREFIX = Uint8Array.fromHex("30310201010420");
const SEC1_P256_SUFFIX = Uint8Array.fromHex("a00a06082a8648ce3d030107");
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const P256_GENERATION_BYTES = 48;

/**
 * A P-256 key from random bytes, the same for the same: as many as give every scalar the same chance but for 2⁻¹²⁸ (NIST SP 800-56A
 * §5.6.1.2.1).
 * @param randomness 48 secret bytes
 */
export function p256FromRandomness(randomness: Uint8Array): PrivateKey {
  if (randomness.length !== P256_GENERATION_BYTES) throw new KeyFormatError("a P-256 key is made of 48 bytes");
  const scalar = 1n + (BigInt(`0x${randomness.toHex()}`) % (P256_ORDER - 1n));
  const bytes = Uint8Array.fromHex(scalar.toString(16).padStart(64, "0"));
  const der = Buffer.from(concatBytes(SEC1_P256_PREFIX, bytes, SEC1_P256_SUFFIX));
  const handle = parse(() => createPrivateKey({ key: der, format: "der", type: "sec1" }));
  der.fill(0);
  return Object.freeze({ kind: "private", algorithm: algorithmOf(handle), handle });
}

export function publicKeyOf(key: PrivateKey): PublicKey {
  return Object.freeze({ kind: "public", algorithm: key.algorithm, handle: createPublicKey(key.handle) });
}

export function spkiOf(key: PublicKey): Uint8Array {
  return new Uint8Array(key.handle.export({ format: "der", type: "spki" }));
}

/** The secret itself, for storage under a seal. */
export function pkcs8Of(key: PrivateKey): Uint8Array {
  return new Uint8Array(key.handle.export({ format: "der", type: "pkcs8" }));
}

/** @throws KeyFormatError */
export function publicKeyFromJwk(jwk: Jwk): PublicKey {
  for (const coordinate of jwk.crv === "P-256" ? [jwk.x, jwk.y ?? ""] : [jwk.x]) {
    if (fromBase64url(coordinate)?.length !== 32) throw new KeyFormatError("a coordinate of a JWK has 32 bytes");
  }
  const { kty, crv, x } = jwk;
  const key = jwk.crv === "P-256" ? { kty, crv, x, y: jwk.y ?? "" } : { kty, crv, x };
  const handle = parse(() => createPublicKey({ key, format: "jwk" }));
  return Object.freeze({ kind: "public", algorithm: algorithmOf(handle), handle });
}

export function jwkOf(key: PublicKey): Jwk {
  const { kty, crv, x, y } = key.handle.export({ format: "jwk" });
  if (key.algorithm === "EdDSA") return { kty: "OKP", crv: "Ed25519", x: String(x) };
  if (kty !== "EC" || crv !== "P-256") throw new KeyFormatError("not a key of this suite");
  return { kty: "EC", crv: "P-256", x: String(x), y: String(y) };
}

function parse(create: () => KeyObject): KeyObject {
  try {
    return create();
  } catch (cause) {
    throw new KeyFormatError("not a key that can be read", cause);
  }
}

function algorithmOf(handle: KeyObject): SignatureAlgorithm {
  if (handle.asymmetricKeyType === "ed25519") return "EdDSA";
  if (handle.asymmetricKeyType === "ec" && handle.asymmetricKeyDetails?.namedCurve === "prime256v1") return "ES256";
  throw new KeyFormatError(`no key of the international suite: ${handle.asymmetricKeyType ?? "unknown"}`);
}
