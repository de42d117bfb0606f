/**
 * Public-key encryption of SM2 (GB/T 32918.4): C1 is a point, C3 a digest that authenticates, C2 the message under a
 * key stream. The order is C1 C3 C2; the ASN.1 form is that of GM/T 0009 §7.2. For keys and other short values: an
 * envelope encrypts its content with SM4.
 */
import { childAt, DerError, expectChildren, expectTag, readDer, TAG, writeDer } from "#lib/asn1/der";
import { readUnsignedInteger, writeUnsignedInteger } from "#lib/asn1/integer";
import { concatBytes } from "../bytes.ts";
import { equalSecrets } from "../digest.ts";
import type { SignatureEncoding } from "../keys.ts";
import { SM3_SIZE_BYTES, sm3 } from "../sm3.ts";
import {
  type AffinePoint,
  modulo,
  multiplyBase,
  multiplySecret,
  pointBytes,
  readPoint,
  SM2_CURVE,
  SM2_POINT_BYTES,
  SM2_SCALAR_BYTES,
  scalarBytes,
  toScalar,
} from "./curve.ts";
import { multiplyByKey, type Sm2PrivateKey, type Sm2PublicKey } from "./keys.ts";
import { nonces } from "./nonce.ts";

/** Longer values go into an envelope. */
export const SM2_PLAINTEXT_MAX_BYTES = 65_536;
export const SM2_ENCRYPTION_RANDOMNESS_BYTES = 32;

export interface Sm2EncryptInput {
  readonly key: Sm2PublicKey;
  /** 1 … 65,536 bytes */
  readonly plaintext: Uint8Array;
  /** 32 fresh random bytes */
  readonly randomness: Uint8Array;
  /** "der" is the form of GM/T 0009, "raw" is 04 ‖ x ‖ y ‖ C3 ‖ C2. Default "der". */
  readonly encoding?: SignatureEncoding;
}

export interface Sm2DecryptInput {
  readonly key: Sm2PrivateKey;
  readonly ciphertext: Uint8Array;
  readonly encoding?: SignatureEncoding;
}

/**
 * Encrypts a short value for whoever has the private key.
 * @throws {RangeError} for an empty or too long value, or randomness of another size
 */
export function sm2Encrypt({ key, plaintext, randomness, encoding }: Sm2EncryptInput): Uint8Array {
  if (plaintext.length < 1 || plaintext.length > SM2_PLAINTEXT_MAX_BYTES) {
    throw new RangeError(`1 to ${SM2_PLAINTEXT_MAX_BYTES} bytes can be encrypted`);
  }
  if (randomness.length !== SM2_ENCRYPTION_RANDOMNESS_BYTES) {
    throw new RangeError(`encrypting takes ${SM2_ENCRYPTION_RANDOMNESS_BYTES} random bytes`);
  }
  // Should the random bytes be used again, then for another recipient or value they give another nonce all the same.
  const digest = sm3(key.point, plaintext);
  const source = nonces({ secret: randomness, digest, randomness: new Uint8Array(0) });
  for (;;) {
    const parts = sm2EncryptWith(key, plaintext, source.next().value);
    if (parts !== undefined) return write(parts, encoding);
  }
}

/**
 * Decrypts what was encrypted for this key.
 * @returns undefined when the bytes are malformed, were changed, or are for another key: one answer for all of it
 */
export function sm2Decrypt({ key, ciphertext, encoding }: Sm2DecryptInput): Uint8Array | undefined {
  const parts = read(ciphertext, encoding);
  if (parts === undefined) return undefined;
  const shared = multiplyByKey(key, parts.c1);
  if (shared === undefined) return undefined;
  const plaintext = applyStream(parts.c2, shared);
  if (plaintext === undefined) return undefined;
  return equalSecrets(authenticator(plaintext, shared), parts.c3) ? plaintext : undefined;
}

/** The parts of a ciphertext. */
export interface Sm2Ciphertext {
  /** 04 ‖ x ‖ y */
  readonly c1: Uint8Array;
  readonly c3: Uint8Array;
  readonly c2: Uint8Array;
}

/**
 * Encrypts with one nonce, or undefined where the standard asks for another. For {@link sm2Encrypt} and for known
 * answers.
 */
export function sm2EncryptWith(key: Sm2PublicKey, plaintext: Uint8Array, nonce: bigint): Sm2Ciphertext | undefined {
  const recipient = readPoint(key.point);
  if (recipient === undefined) throw new TypeError("not a key that this library made");
  const blinding = 1n + modulo(toScalar(sm3(scalarBytes(nonce))), SM2_CURVE.p - 1n);
  const shared = multiplySecret({ scalar: nonce, point: recipient, blinding });
  const c2 = applyStream(plaintext, shared);
  if (c2 === undefined) return undefined;
  return { c1: pointBytes(multiplyBase(nonce)), c3: authenticator(plaintext, shared), c2 };
}

/** Adds the key stream SM3(x ‖ y ‖ 1) ‖ SM3(x ‖ y ‖ 2) ‖ … (GB/T 32918.4 §5.4.3); undefined where it is all zeros. */
function applyStream(data: Uint8Array, { x, y }: AffinePoint): Uint8Array | undefined {
  const shared = concatBytes(scalarBytes(x), scalarBytes(y));
  const counter = new Uint8Array(4);
  const result = new Uint8Array(data); // a Buffer's `slice` would share its memory
  let any = 0;
  for (let at = 0, count = 1; at < data.length; at += SM3_SIZE_BYTES, count++) {
    new DataView(counter.buffer).setUint32(0, count);
    const stream = sm3(shared, counter);
    for (let index = 0; index < SM3_SIZE_BYTES && at + index < data.length; index++) {
      any |= stream[index] ?? 0;
      result[at + index] = (result[at + index] ?? 0) ^ (stream[index] ?? 0);
    }
  }
  return any === 0 ? undefined : result;
}

function authenticator(plaintext: Uint8Array, { x, y }: AffinePoint): Uint8Array {
  return sm3(scalarBytes(x), plaintext, scalarBytes(y));
}

function write({ c1, c3, c2 }: Sm2Ciphertext, encoding: SignatureEncoding = "der"): Uint8Array {
  if (encoding === "raw") return concatBytes(c1, c3, c2);
  return writeDer(
    TAG.sequence,
    writeUnsignedInteger(c1.subarray(1, 1 + SM2_SCALAR_BYTES)),
    writeUnsignedInteger(c1.subarray(1 + SM2_SCALAR_BYTES)),
    writeDer(TAG.octetString, c3),
    writeDer(TAG.octetString, c2),
  );
}

function read(ciphertext: Uint8Array, encoding: SignatureEncoding = "der"): Sm2Ciphertext | undefined {
  const parts = encoding === "raw" ? readRaw(ciphertext) : readForm(ciphertext);
  const { length = 0 } = parts?.c2 ?? {};
  return length < 1 || length > SM2_PLAINTEXT_MAX_BYTES || parts?.c3.length !== SM3_SIZE_BYTES ? undefined : parts;
}

function readRaw(ciphertext: Uint8Array): Sm2Ciphertext {
  const bodyAt = SM2_POINT_BYTES + SM3_SIZE_BYTES;
  return {
    c1: ciphertext.subarray(0, SM2_POINT_BYTES),
    c3: ciphertext.subarray(SM2_POINT_BYTES, bodyAt),
    c2: ciphertext.subarray(bodyAt),
  };
}

function readForm(ciphertext: Uint8Array): Sm2Ciphertext | undefined {
  try {
    const whole = expectChildren(expectTag(readDer(ciphertext), TAG.sequence), 4);
    const coordinate = (index: number) => readUnsignedInteger(childAt(whole, index), SM2_SCALAR_BYTES);
    return {
      c1: concatBytes(Uint8Array.of(4), coordinate(0), coordinate(1)),
      c3: childAt(whole, 2, TAG.octetString).content,
      c2: childAt(whole, 3, TAG.octetString).content,
    };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
