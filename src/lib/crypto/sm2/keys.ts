import { utf8 } from "../bytes.ts";
import { KeyFormatError } from "../key-format-error.ts";
import { hmacSm3 } from "../sm3.ts";
import {
  type AffinePoint,
  invert,
  modulo,
  multiplyBase,
  multiplySecret,
  pointBytes,
  prepareMultiples,
  readPoint,
  SM2_CURVE,
  SM2_SCALAR_BYTES,
  scalarBytes,
  toScalar,
} from "./curve.ts";

/** A public key of SM2: a point on the curve. Made by {@link sm2PublicKey} alone, so that it is one. */
export interface Sm2PublicKey {
  readonly kind: "public";
  readonly algorithm: "SM2";
  /** 04 ‖ x ‖ y, 65 bytes */
  readonly point: Uint8Array;
}

/** A private key of SM2. The secret is not a property: it does not show where an object is printed or serialized. */
export interface Sm2PrivateKey {
  readonly kind: "private";
  readonly algorithm: "SM2";
  readonly publicKey: Sm2PublicKey;
}

interface Secret {
  /** d, 1 … n − 2 */
  readonly scalar: bigint;
  /** (1 + d)⁻¹ modulo n */
  readonly factor: bigint;
}

export const SM2_GENERATION_BYTES = 48;
const INVERSE_LABEL = utf8("zhengtong/sm2/inverse\0");
const COORDINATES_LABEL = utf8("zhengtong/sm2/coordinates\0");

const secrets = new WeakMap<Sm2PrivateKey, Secret>();

/**
 * Makes a key of its scalar.
 * @param secret 32 bytes, big-endian, 1 … n − 2 (GB/T 32918.1 §6.1)
 * @throws {KeyFormatError} for another size or a scalar out of bounds
 */
export function sm2PrivateKey(secret: Uint8Array): Sm2PrivateKey {
  const scalar = secret.length === SM2_SCALAR_BYTES ? toScalar(secret) : 0n;
  if (scalar < 1n || scalar > SM2_CURVE.n - 2n) throw new KeyFormatError("no scalar of SM2");
  const publicKey = publicKeyOfPoint(pointBytes(multiplyBase(scalar)));
  const key: Sm2PrivateKey = Object.freeze({ kind: "private", algorithm: "SM2", publicKey });
  secrets.set(key, { scalar, factor: blindedInverse(scalar + 1n, secret) });
  return key;
}

/**
 * Makes a key of random bytes: as many as give every scalar the same chance but for 2⁻¹²⁸ (NIST SP 800-56A §5.6.1.2.1).
 * @param randomness 48 fresh random bytes
 */
export function generateSm2Key(randomness: Uint8Array): Sm2PrivateKey {
  if (randomness.length !== SM2_GENERATION_BYTES)
    throw new RangeError(`a key is made of ${SM2_GENERATION_BYTES} bytes`);
  return sm2PrivateKey(scalarBytes(1n + modulo(toScalar(randomness), SM2_CURVE.n - 2n)));
}

/**
 * Makes a key of a point.
 * @param point 04 ‖ x ‖ y
 * @throws {KeyFormatError} when the bytes have another form or the point is not on the curve
 */
export function sm2PublicKey(point: Uint8Array): Sm2PublicKey {
  if (readPoint(point) === undefined) throw new KeyFormatError("no point of SM2");
  return publicKeyOfPoint(new Uint8Array(point));
}

/** Makes verifying with this key as fast as it gets, at the price of some 15 ms and ¼ MiB. */
export function prepareSm2Key(key: Sm2PublicKey): void {
  const point = readPoint(key.point);
  if (point !== undefined) prepareMultiples(point);
}

/** The secret's 32 bytes, for storage under a seal. */
export function sm2SecretBytes(key: Sm2PrivateKey): Uint8Array {
  return scalarBytes(secretOf(key).scalar);
}

/** For signing and decrypting, in this folder alone. */
export function secretOf(key: Sm2PrivateKey): Secret {
  const secret = secrets.get(key);
  if (secret === undefined) throw new TypeError("not a key that this library made");
  return secret;
}

/** d · point, or undefined when the bytes are no point of the curve. */
export function multiplyByKey(key: Sm2PrivateKey, point: Uint8Array): AffinePoint | undefined {
  const affine = readPoint(point);
  if (affine === undefined) return undefined;
  const { scalar } = secretOf(key);
  const digest = hmacSm3(scalarBytes(scalar), COORDINATES_LABEL, point);
  return multiplySecret({ scalar, point: affine, blinding: 1n + modulo(toScalar(digest), SM2_CURVE.p - 1n) });
}

function publicKeyOfPoint(point: Uint8Array): Sm2PublicKey {
  return Object.freeze({ kind: "public", algorithm: "SM2", point });
}

/**
 * Inverting takes a time that depends on the number. This number is known to nobody: the secret times a keyed digest
 * under it.
 */
function blindedInverse(value: bigint, secret: Uint8Array): bigint {
  const { n } = SM2_CURVE;
  const blinding = 1n + modulo(toScalar(hmacSm3(secret, INVERSE_LABEL)), n - 1n);
  return modulo(invert(modulo(value * blinding, n), n) * blinding, n);
}
