/**
 * Signatures of SM2 with SM3 (GB/T 32918.2, encodings of GM/T 0009).
 *
 * A signature is not malleable as ECDSA's is: (r, n − s) is another statement, and the pair with r + s = n is refused.
 */
import { childAt, DerError, expectChildren, expectTag, readDer, TAG, writeDer } from "#lib/asn1/der";
import { readUnsignedInteger, writeUnsignedInteger } from "#lib/asn1/integer";
import { concatBytes, utf8 } from "../bytes.ts";
import type { SignatureEncoding } from "../keys.ts";
import { sm3 } from "../sm3.ts";
import { combineUnsafe, modulo, multiplyBase, SM2_CURVE, SM2_SCALAR_BYTES, scalarBytes, toScalar } from "./curve.ts";
import { type Sm2PrivateKey, type Sm2PublicKey, secretOf } from "./keys.ts";
import { nonces } from "./nonce.ts";

/** The identity that GM/T 0009 §10 prescribes where no other was agreed upon. */
export const SM2_DEFAULT_IDENTITY = utf8("1234567812345678");
/** Its length in bits is written with 16 bits. */
export const SM2_IDENTITY_MAX_BYTES = 8_191;
/** r ‖ s */
export const SM2_SIGNATURE_BYTES = 2 * SM2_SCALAR_BYTES;
/** A pair of INTEGERs of 33 bytes at most, with their headers. */
const DER_SIGNATURE_MAX_BYTES = 72;
const RANDOMNESS_MAX_BYTES = 64;

export interface Sm2SignInput {
  readonly key: Sm2PrivateKey;
  readonly message: Uint8Array;
  /** Default "raw": r ‖ s. */
  readonly encoding?: SignatureEncoding;
  /** Default {@link SM2_DEFAULT_IDENTITY}. */
  readonly identity?: Uint8Array;
  /** Up to 64 random bytes, mixed into the nonce; without them equal messages have equal signatures. */
  readonly randomness?: Uint8Array;
}

export interface Sm2VerifyInput {
  readonly key: Sm2PublicKey;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly encoding?: SignatureEncoding;
  readonly identity?: Uint8Array;
}

/** Both of 1 … n − 1. */
export interface Sm2Pair {
  readonly r: bigint;
  readonly s: bigint;
}

/**
 * Signs a message.
 * @throws {RangeError} when identity or randomness are too long
 */
export function sm2Sign(input: Sm2SignInput): Uint8Array {
  const { key, message, identity = SM2_DEFAULT_IDENTITY, randomness = new Uint8Array(0) } = input;
  if (randomness.length > RANDOMNESS_MAX_BYTES) throw new RangeError("more randomness than a nonce has use for");
  const digest = sm2Digest(key.publicKey, message, identity);
  const secret = scalarBytes(secretOf(key).scalar);
  const source = nonces({ secret, digest, randomness });
  for (;;) {
    const pair = sm2PairOf(key, digest, source.next().value);
    if (pair !== undefined) return writePair(pair, input.encoding);
  }
}

/** Whether a signature is one of this key over this message under this identity. Never throws on bad signatures. */
export function sm2Verify(input: Sm2VerifyInput): boolean {
  const { key, message, signature, identity = SM2_DEFAULT_IDENTITY } = input;
  const pair = readPair(signature, input.encoding);
  if (pair === undefined || identity.length > SM2_IDENTITY_MAX_BYTES) return false;
  const { p, n } = SM2_CURVE;
  const { r, s } = pair;
  const t = modulo(r + s, n);
  if (t === 0n) return false;
  const sum = combineUnsafe(s, t, key.point);
  if (sum === undefined) return false;
  // r = e + x modulo n, where x = X / Z is of the field: without a division, for the one or two x that this leaves.
  const x = modulo(r - toScalar(sm2Digest(key, message, identity)), n);
  return modulo(x * sum.Z - sum.X, p) === 0n || (x + n < p && modulo((x + n) * sum.Z - sum.X, p) === 0n);
}

/**
 * The number e that is signed, 32 bytes: SM3(Z ‖ message), where Z binds identity, curve and key (GB/T 32918.2 §5.5
 * and §6.1).
 * @throws {RangeError} when the identity is too long
 */
export function sm2Digest(key: Sm2PublicKey, message: Uint8Array, identity: Uint8Array): Uint8Array {
  if (identity !== SM2_DEFAULT_IDENTITY) return sm3(identityDigest(key, identity), message);
  let digest = defaultDigests.get(key);
  if (digest === undefined) {
    digest = identityDigest(key, identity);
    defaultDigests.set(key, digest);
  }
  return sm3(digest, message);
}

const defaultDigests = new WeakMap<Sm2PublicKey, Uint8Array>();

/** a ‖ b ‖ x and y of the base point. */
const CURVE_BYTES = concatBytes(...[SM2_CURVE.a, SM2_CURVE.b, SM2_CURVE.Gx, SM2_CURVE.Gy].map(scalarBytes));

/** Z = SM3(length in bits ‖ identity ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA). */
function identityDigest(key: Sm2PublicKey, identity: Uint8Array): Uint8Array {
  if (identity.length > SM2_IDENTITY_MAX_BYTES) throw new RangeError("an identity is too long");
  const bits = identity.length * 8;
  return sm3(Uint8Array.of(bits >> 8, bits & 0xff), identity, CURVE_BYTES, key.point.subarray(1));
}

/**
 * The pair of one nonce, or undefined where the standard asks for another one. For {@link sm2Sign} and for known
 * answers: two pairs of one nonce give the key away.
 */
export function sm2PairOf(key: Sm2PrivateKey, digest: Uint8Array, nonce: bigint): Sm2Pair | undefined {
  const { n } = SM2_CURVE;
  const r = modulo(toScalar(digest) + multiplyBase(nonce).x, n);
  if (r === 0n || r + nonce === n) return undefined;
  // (1 + d)⁻¹ (k − r d) = (1 + d)⁻¹ (k + r) − r: one multiplication by a secret instead of two.
  const s = modulo(secretOf(key).factor * (nonce + r) - r, n);
  return s === 0n ? undefined : { r, s };
}

function writePair({ r, s }: Sm2Pair, encoding: SignatureEncoding = "raw"): Uint8Array {
  if (encoding === "raw") return concatBytes(scalarBytes(r), scalarBytes(s));
  return writeDer(TAG.sequence, writeUnsignedInteger(scalarBytes(r)), writeUnsignedInteger(scalarBytes(s)));
}

function readPair(signature: Uint8Array, encoding: SignatureEncoding = "raw"): Sm2Pair | undefined {
  const raw = encoding === "raw" ? signature : rawOf(signature);
  if (raw?.length !== SM2_SIGNATURE_BYTES) return undefined;
  const [r, s] = [toScalar(raw.subarray(0, SM2_SCALAR_BYTES)), toScalar(raw.subarray(SM2_SCALAR_BYTES))];
  const { n } = SM2_CURVE;
  return r >= 1n && r < n && s >= 1n && s < n ? { r, s } : undefined;
}

/** r ‖ s of the form of GM/T 0009 §7.3: SEQUENCE { r INTEGER, s INTEGER }, strict DER. */
function rawOf(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length > DER_SIGNATURE_MAX_BYTES) return undefined;
  try {
    const pair = expectChildren(expectTag(readDer(signature), TAG.sequence), 2);
    const part = (index: number) => readUnsignedInteger(childAt(pair, index), SM2_SCALAR_BYTES);
    return concatBytes(part(0), part(1));
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
