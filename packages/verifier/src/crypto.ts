/**
 * The only file that touches cryptography of the runtime: Node's. `build.ts` puts `browser-crypto.ts` in its place, which
 * has the same exports.
 */
import { constants, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { RsaKey, RsaScheme } from "./rsa-form.ts";

export interface Jwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

/** A promise, as a browser's is. */
export async function digestOf(name: "SHA-1" | "SHA-384" | "SHA-512", bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(createHash(plain(name)).update(bytes).digest());
}

/** A public key, by its JOSE name. */
export interface VerifyingKey {
  readonly algorithm: "EdDSA" | "ES256";
  readonly handle: KeyObject;
}

/** Reads an Ed25519 or P-256 key; undefined for any other. */
export function keyFromSpki(der: Uint8Array): VerifyingKey | undefined {
  try {
    return accept(createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }));
  } catch {
    return undefined;
  }
}

export function keyFromJwk(jwk: Jwk): VerifyingKey | undefined {
  try {
    const { kty, crv, x, y } = jwk;
    return accept(createPublicKey({ key: y === undefined ? { kty, crv, x } : { kty, crv, x, y }, format: "jwk" }));
  } catch {
    return undefined;
  }
}

/** @param raw the 32 bytes of the key */
export function keyFromEd25519(raw: Uint8Array): VerifyingKey | undefined {
  return keyFromSpki(Uint8Array.from([...Buffer.from("302a300506032b6570032100", "hex"), ...raw]));
}

/** @param form of an ECDSA signature: "raw" is r ‖ s, "der" is ASN.1 */
export async function verifies(
  key: VerifyingKey,
  message: Uint8Array,
  signature: Uint8Array,
  form: "raw" | "der",
): Promise<boolean> {
  try {
    const dsaEncoding = form === "raw" ? "ieee-p1363" : "der";
    const digest = key.algorithm === "ES256" ? "sha256" : null;
    return verify(digest, message, { key: key.handle, dsaEncoding }, signature);
  } catch {
    return false;
  }
}

/** By the scheme that is given, whatever the key says of itself. */
export async function rsaVerifies(
  { spki }: RsaKey,
  { padding, digest, saltBytes }: RsaScheme,
  { message, signature }: { readonly message: Uint8Array; readonly signature: Uint8Array },
): Promise<boolean> {
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;
  const how =
    padding === "pss"
      ? { padding: RSA_PKCS1_PSS_PADDING, saltLength: saltBytes }
      : ({ padding: RSA_PKCS1_PADDING } as const);
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    return verify(plain(digest), message, { key, ...how }, signature);
  } catch {
    return false;
  }
}

/** As OpenSSL names it. */
function plain(digest: string): string {
  return digest.replace("-", "").toLowerCase();
}

function accept(handle: KeyObject): VerifyingKey | undefined {
  if (handle.asymmetricKeyType === "ed25519") return { algorithm: "EdDSA", handle };
  const isP256 = handle.asymmetricKeyType === "ec" && handle.asymmetricKeyDetails?.namedCurve === "prime256v1";
  return isP256 ? { algorithm: "ES256", handle } : undefined;
}
