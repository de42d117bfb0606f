import { concatBytes, fromUtf8, utf8 } from "./bytes.ts";
import { hmacSha256 } from "./digest.ts";
import { international } from "./international.ts";

/** A key for attributes, named, so that a rotated key is still found. */
export interface DataKey {
  /** 1 to 32 characters of a–z, 0–9 and hyphen */
  readonly id: string;
  /** 32 bytes */
  readonly bytes: Uint8Array;
}

/**
 * The layout of a sealed attribute:
 *
 *     version (1 byte) ‖ length of the key id (1 byte) ‖ key id ‖ nonce (12 bytes) ‖ ciphertext ‖ tag (16 bytes)
 *
 * Version 1 is AES-256-GCM. Version and key id are authenticated together with the associated data.
 */
export const ENVELOPE_VERSION = 1;
export const ENVELOPE_NONCE_BYTES = international.sealNonceBytes;
export const BLIND_INDEX_BYTES = 16;
export const ATTRIBUTE_MAX_BYTES = 64 * 1024 * 1024;
const KEY_ID = /^[a-z0-9-]{1,32}$/;

export class EnvelopeError extends Error {
  readonly code: "ERR_ENVELOPE_FORMAT" | "ERR_ENVELOPE_KEY" | "ERR_ENVELOPE_TAMPERED";

  constructor(code: EnvelopeError["code"], message: string) {
    super(message);
    this.name = "EnvelopeError";
    this.code = code;
  }
}

/**
 * Encrypts an attribute's value.
 * @param associatedData says where the value belongs (register, key, attribute), so that it cannot be moved elsewhere
 * @param nonce 12 fresh random bytes
 */
export function sealAttribute(
  key: DataKey,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  if (!KEY_ID.test(key.id)) throw new EnvelopeError("ERR_ENVELOPE_KEY", `a key cannot have the id ${key.id}`);
  if (plaintext.length > ATTRIBUTE_MAX_BYTES) throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the value is too long");
  const header = headerOf(key.id);
  const bound = concatBytes(header, associatedData);
  return concatBytes(header, nonce, international.seal({ key: key.bytes, nonce, plaintext, associatedData: bound }));
}

/**
 * Decrypts an attribute's value.
 * @param keys one key, or a way to find a key by its id
 * @throws EnvelopeError when the bytes are no envelope, the key is not there, or anything was changed
 */
export function openAttribute(
  keys: DataKey | ((id: string) => DataKey | undefined),
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  const id = envelopeKeyId(sealed);
  const key = typeof keys === "function" ? keys(id) : keys;
  if (key === undefined || key.id !== id) throw new EnvelopeError("ERR_ENVELOPE_KEY", `no data key ${id}`);
  const header = headerOf(id);
  const bodyAt = header.length + ENVELOPE_NONCE_BYTES;
  if (sealed.length < bodyAt) throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the envelope is cut off");
  const plaintext = international.open({
    key: key.bytes,
    nonce: sealed.subarray(header.length, bodyAt),
    ciphertext: sealed.subarray(bodyAt),
    associatedData: concatBytes(header, associatedData),
  });
  if (plaintext === undefined) throw new EnvelopeError("ERR_ENVELOPE_TAMPERED", "the envelope does not open");
  return plaintext;
}

/** Which key an envelope needs. */
export function envelopeKeyId(sealed: Uint8Array): string {
  const [version, length] = sealed;
  if (version !== ENVELOPE_VERSION || length === undefined || sealed.length < 2 + length) {
    throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "not an envelope of this version");
  }
  let id: string;
  try {
    id = fromUtf8(sealed.subarray(2, 2 + length));
  } catch {
    throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the key id is not text");
  }
  if (!KEY_ID.test(id)) throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the key id is not one");
  return id;
}

/**
 * A keyed digest by which an encrypted value can be found again but not read: HMAC-SHA-256 over label and value,
 * cut to 16 bytes. The value is brought to NFKC, so that full-width and half-width writings are found together.
 * @param label register and attribute, so that equal values of two attributes do not show as equal
 */
export function blindIndex(key: Uint8Array, label: string, value: string): Uint8Array {
  // The label cannot hold the separator, so two pairs never give one message.
  if (label.includes("\0")) throw new RangeError("a label has no NUL");
  return hmacSha256(key, utf8(`${label}\0${value.normalize("NFKC")}`)).slice(0, BLIND_INDEX_BYTES);
}

/** A node has few keys and seals with them often. */
const headers = new Map<string, Uint8Array>();
const HEADERS_MAX = 1_000;

function headerOf(id: string): Uint8Array {
  const known = headers.get(id);
  if (known !== undefined) return known;
  const name = utf8(id);
  const header = concatBytes(Uint8Array.of(ENVELOPE_VERSION, name.length), name);
  if (headers.size < HEADERS_MAX) headers.set(id, header);
  return header;
}
