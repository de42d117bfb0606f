/**
 * SM4 (GB/T 32907) in its modes GCM, CCM (GB/T 36624) and CBC. Node's core computes the cipher; sizes are checked
 * here, since its bounds are wider than what is safe.
 */
import {
  type CipherCCMTypes,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
} from "node:crypto";
import { concatBytes, equalBytes } from "./bytes.ts";
import type { OpenInput, SealInput } from "./suite.ts";

// The type declarations name the modes of AES alone.
const GCM = "sm4-gcm" as CipherGCMTypes;
const CCM = "sm4-ccm" as CipherCCMTypes;

export const SM4_KEY_BYTES = 16;
export const SM4_BLOCK_BYTES = 16;
export const SM4_GCM_NONCE_BYTES = 12;
export const SM4_TAG_BYTES = 16;
/** GCM digests a nonce of another size than 12. Node's core takes no longer ones. */
export const SM4_GCM_NONCE_MAX_BYTES = 128;
/** CCM (RFC 3610 §2.1): the nonce and the length of the message share 15 bytes. */
const CCM_NONCE_MIN_BYTES = 7;
const CCM_NONCE_MAX_BYTES = 13;
const CCM_TAG_SIZES: readonly number[] = [4, 6, 8, 10, 12, 14, 16];
export const SM4_MESSAGE_MAX_BYTES = 2 ** 30;

/**
 * Encrypts and authenticates; the tag of 16 bytes stands at the end. @throws {RangeError} for a key or nonce of a wrong
 * size
 */
export function sm4GcmSeal({ key, nonce, plaintext, associatedData }: SealInput): Uint8Array {
  assertGcm(key, nonce, plaintext);
  const cipher = createCipheriv(GCM, keyHandle(key), nonce, { authTagLength: SM4_TAG_BYTES });
  cipher.setAAD(associatedData);
  const body = cipher.update(plaintext);
  cipher.final(); // a counter mode: nothing is left to write
  return concatBytes(body, cipher.getAuthTag());
}

/** @returns undefined when anything was changed @throws {RangeError} for a key or nonce of a wrong size */
export function sm4GcmOpen({ key, nonce, ciphertext, associatedData }: OpenInput): Uint8Array | undefined {
  assertGcm(key, nonce, ciphertext);
  if (ciphertext.length < SM4_TAG_BYTES) return undefined;
  const decipher = createDecipheriv(GCM, keyHandle(key), nonce, { authTagLength: SM4_TAG_BYTES });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(ciphertext.subarray(ciphertext.length - SM4_TAG_BYTES));
  const plaintext = decipher.update(ciphertext.subarray(0, ciphertext.length - SM4_TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return new Uint8Array(plaintext);
}

/**
 * Encrypts and authenticates with CCM; the tag stands at the end. @param tagBytes 4, 6 … 16, default 16; less than 8 is
 * too easily guessed @throws {RangeError}
 */
export function sm4CcmSeal(input: SealInput, tagBytes = SM4_TAG_BYTES): Uint8Array {
  const { key, nonce, plaintext, associatedData } = input;
  assertCcm(key, nonce, plaintext.length, tagBytes);
  const cipher = createCipheriv(CCM, keyHandle(key), nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData, { plaintextLength: plaintext.length });
  const body = cipher.update(plaintext);
  cipher.final();
  return concatBytes(body, cipher.getAuthTag());
}

/** @returns undefined when anything was changed @throws {RangeError} for sizes that CCM does not have */
export function sm4CcmOpen(input: OpenInput, tagBytes = SM4_TAG_BYTES): Uint8Array | undefined {
  const { key, nonce, ciphertext, associatedData } = input;
  const length = ciphertext.length - tagBytes;
  assertCcm(key, nonce, Math.max(length, 0), tagBytes);
  if (length < 0) return undefined;
  const decipher = createDecipheriv(CCM, keyHandle(key), nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(ciphertext.subarray(length));
  decipher.setAAD(associatedData, { plaintextLength: length });
  try {
    // CCM checks the tag before it gives anything out.
    const plaintext = decipher.update(ciphertext.subarray(0, length));
    decipher.final();
    return new Uint8Array(plaintext);
  } catch {
    return undefined;
  }
}

/** What CBC takes. It authenticates nothing: only for formats that prescribe it, such as encrypted keys. */
export interface Sm4CbcInput {
  readonly key: Uint8Array;
  /** 16 unpredictable bytes */
  readonly iv: Uint8Array;
  readonly data: Uint8Array;
}

/** Encrypts with CBC and the padding of PKCS #7. @throws {RangeError} */
export function sm4CbcEncrypt({ key, iv, data }: Sm4CbcInput): Uint8Array {
  assertCbc(key, iv, data);
  const cipher = createCipheriv("sm4-cbc", keyHandle(key), iv);
  return concatBytes(cipher.update(data), cipher.final());
}

/**
 * @returns undefined when the padding is wrong. Do not tell a stranger that it was: it is an oracle. @throws
 * {RangeError}
 */
export function sm4CbcDecrypt({ key, iv, data }: Sm4CbcInput): Uint8Array | undefined {
  assertCbc(key, iv, data);
  const decipher = createDecipheriv("sm4-cbc", keyHandle(key), iv);
  try {
    return concatBytes(decipher.update(data), decipher.final());
  } catch {
    return undefined;
  }
}

/** Taking a key's bytes in anew costs as much as sealing a short value. */
const handles = new WeakMap<Uint8Array, { readonly handle: KeyObject; readonly bytes: Uint8Array }>();

function keyHandle(key: Uint8Array): KeyObject {
  const known = handles.get(key);
  // Whoever overwrote the key must not go on using the old one.
  if (known !== undefined && equalBytes(known.bytes, key)) return known.handle;
  const handle = createSecretKey(key);
  handles.set(key, { handle, bytes: new Uint8Array(key) });
  return handle;
}

function assertKey(key: Uint8Array, dataBytes: number): void {
  if (key.length !== SM4_KEY_BYTES) throw new RangeError(`an SM4 key has ${SM4_KEY_BYTES} bytes`);
  if (dataBytes > SM4_MESSAGE_MAX_BYTES + SM4_TAG_BYTES) throw new RangeError("a message is too long");
}

function assertGcm(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): void {
  assertKey(key, data.length);
  if (nonce.length < 1 || nonce.length > SM4_GCM_NONCE_MAX_BYTES) throw new RangeError("a nonce of a wrong size");
}

function assertCcm(key: Uint8Array, nonce: Uint8Array, dataBytes: number, tagBytes: number): void {
  assertKey(key, dataBytes);
  if (nonce.length < CCM_NONCE_MIN_BYTES || nonce.length > CCM_NONCE_MAX_BYTES) {
    throw new RangeError("a nonce of a wrong size");
  }
  if (!CCM_TAG_SIZES.includes(tagBytes)) throw new RangeError("a tag of a wrong size");
  // The message's length must fit what the nonce leaves of 15 bytes.
  if (dataBytes >= 256 ** (15 - nonce.length)) throw new RangeError("a message is too long for its nonce");
}

function assertCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): void {
  assertKey(key, data.length);
  if (iv.length !== SM4_BLOCK_BYTES) throw new RangeError(`an initial value has ${SM4_BLOCK_BYTES} bytes`);
}
