/**
 * RSA signatures (RFC 8017: PKCS #1 v1.5 and PSS), of authorities that are not ours: they are verified, never made. Keys of 2048 to 8192
 * bits with an exponent above 2^16 (FIPS 186-5 §5.1, and a bound on what one verification costs).
 */
import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import { equalBytes } from "./bytes.ts";

export type RsaDigest = "sha256" | "sha384" | "sha512";

export interface RsaScheme {
  readonly padding: "pkcs1" | "pss";
  /** Of PSS for its mask as well. */
  readonly digest: RsaDigest;
  /** Of PSS, exactly. */
  readonly saltBytes?: number;
}

export interface RsaCheck {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly scheme: RsaScheme;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export const RSA_MIN_BITS = 2048;
export const RSA_MAX_BITS = 8192;
const EXPONENT_MIN = 65_537n;
const EXPONENT_MAX = 2n ** 32n;

/** Whether a SubjectPublicKeyInfo is an RSA key that is accepted, in its one spelling. */
export function isRsaKey(publicKeyInfo: Uint8Array): boolean {
  return keyOf(publicKeyInfo) !== undefined;
}

/** False, too, for a key that is none: never throws on what comes from outside. */
export function verifyRsa({ publicKeyInfo, scheme, message, signature }: RsaCheck): boolean {
  const key = keyOf(publicKeyInfo);
  if (key === undefined) return false;
  const { padding, digest, saltBytes = 0 } = scheme;
  try {
    return padding === "pss"
      ? verify(digest, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes }, signature)
      : verify(digest, message, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return false; // a key that is bound to PSS, or a signature of another length
  }
}

function keyOf(publicKeyInfo: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKeyInfo), format: "der", type: "spki" });
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    const isRsa = key.asymmetricKeyType === "rsa" || key.asymmetricKeyType === "rsa-pss";
    if (!isRsa || modulusLength < RSA_MIN_BITS || modulusLength > RSA_MAX_BITS) return undefined;
    if (publicExponent < EXPONENT_MIN || publicExponent > EXPONENT_MAX || publicExponent % 2n === 0n) return undefined;
    // OpenSSL reads more writings of a key than one.
    return equalBytes(new Uint8Array(key.export({ format: "der", type: "spki" })), publicKeyInfo) ? key : undefined;
  } catch {
    return undefined;
  }
}
