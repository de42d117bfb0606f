import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { concatBytes, fromUtf8, utf8 } from "./bytes.ts";
import { deriveKey } from "./digest.ts";
import { international } from "./international.ts";
import { MAC_BLOCK_BYTES, Mac, type MacDigest, withRoom } from "./mac.ts";
import { national } from "./national.ts";
import { hmacSm3 } from "./sm3.ts";
import type { CryptoSuite } from "./suite.ts";

/** A key for attributes, named, so that a rotated key is still found. */
export interface DataKey {
  /** 1 to 32 characters of a–z, 0–9 and hyphen */
  readonly id: string;
  /** 32 bytes */
  readonly bytes: Uint8Array;
  /** What is sealed with it is sealed in this suite, default "international"; opened is what either suite sealed. */
  readonly suite?: CryptoSuite["name"];
}

/**
 * The layout of a sealed attribute:
 *
 *     version (1 byte) ‖ length of the key id (1 byte) ‖ key id ‖ start ‖ ciphertext ‖ tag (16 bytes)
 *
 * Version 1 is AES-256-GCM; its start is the nonce (12 bytes). Version and key id are authenticated together with the
 * associated data.
 *
 * Version 2 is for values that are sealed in large numbers, since making a cipher ready costs more than a short value:
 * one stream of AES-256-CTR (NIST SP 800-38A) runs over all values of a batch, and each has a tag of its own,
 * HMAC-SHA-256 cut to 16 bytes, over header ‖ start ‖ associated data ‖ ciphertext ‖ length of the associated data (8
 * bytes). Its start is the counter block (16 bytes) at which the value begins. Cipher and tag have keys of their own,
 * derived from the data key.
 *
 * Versions 3 and 4 are the same in the national suite: SM4-GCM; SM4-CTR with HMAC-SM3. Their keys are HMAC-SM3(data
 * key, label), of which SM4 takes the first 16 bytes.
 */
export const ENVELOPE_VERSION = 1;
export const BATCH_ENVELOPE_VERSION = 2;
export const NATIONAL_ENVELOPE_VERSION = 3;
export const NATIONAL_BATCH_ENVELOPE_VERSION = 4;
export const ENVELOPE_NONCE_BYTES = international.sealNonceBytes;
export const BLIND_INDEX_BYTES = 16;
export const ATTRIBUTE_MAX_BYTES = 64 * 1024 * 1024;
/** By which an envelope tells its key. */
export const ENVELOPE_HEAD_MAX_BYTES = 34;
const KEY_ID = /^[a-z0-9-]{1,32}$/;

/** How the envelopes of a suite are made. */
export interface Form {
  readonly suite: CryptoSuite;
  readonly version: number;
  readonly batchVersion: number;
  readonly batchCipher: "aes-256-ctr" | "sm4-ctr";
  /** The block cipher of that mode by itself: it makes pieces of many key streams in one go. */
  readonly blockCipher: "aes-256-ecb" | "sm4-ecb";
  readonly digest: MacDigest;
  /** The key that the suite seals a single value with. */
  readonly sealKey: (bytes: Uint8Array) => Uint8Array;
  /**
   * A key of its own for each part of a batch: 32 bytes for the tag, as many as the suite seals with for the cipher.
   */
  readonly batchKey: (bytes: Uint8Array, part: "cipher" | "tag") => Uint8Array;
}

const FORMS: Readonly<Record<CryptoSuite["name"], Form>> = Object.freeze({
  international: {
    suite: international,
    version: ENVELOPE_VERSION,
    batchVersion: BATCH_ENVELOPE_VERSION,
    batchCipher: "aes-256-ctr",
    blockCipher: "aes-256-ecb",
    digest: "sha256",
    sealKey: (bytes) => bytes,
    batchKey: (bytes, part) => deriveKey(bytes, { label: `zhengtong.envelope-2.${part}` }),
  },
  national: {
    suite: national,
    version: NATIONAL_ENVELOPE_VERSION,
    batchVersion: NATIONAL_BATCH_ENVELOPE_VERSION,
    batchCipher: "sm4-ctr",
    blockCipher: "sm4-ecb",
    digest: "sm3",
    sealKey: nationalSealKey,
    batchKey: (bytes, part) => {
      const key = hmacSm3(bytes, utf8(`zhengtong.envelope-4.${part}`));
      return part === "cipher" ? key.slice(0, national.sealKeyBytes) : key;
    },
  },
});

const nationalKeys = new WeakMap<Uint8Array, Uint8Array>();

function nationalSealKey(bytes: Uint8Array): Uint8Array {
  let key = nationalKeys.get(bytes);
  if (key === undefined) {
    key = hmacSm3(bytes, utf8("zhengtong.envelope-3.seal")).slice(0, national.sealKeyBytes);
    nationalKeys.set(bytes, key);
  }
  return key;
}

/** By version; opening asks for each value. */
export const FORM_OF: readonly (Form | undefined)[] = [
  undefined,
  FORMS.international,
  FORMS.international,
  FORMS.national,
  FORMS.national,
];

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
  const { suite, version, sealKey } = FORMS[key.suite ?? "international"];
  const header = headerOf(key.id, version);
  const bound = concatBytes(header, associatedData);
  return concatBytes(header, nonce, suite.seal({ key: sealKey(key.bytes), nonce, plaintext, associatedData: bound }));
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
  const form = FORM_OF[sealed[0] ?? 0] as Form; // `envelopeKeyId` has looked
  if (sealed[0] === form.batchVersion) return openFromBatch(key, form, sealed, associatedData);
  const header = headerOf(id, form.version);
  const bodyAt = header.length + ENVELOPE_NONCE_BYTES;
  if (sealed.length < bodyAt) throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the envelope is cut off");
  const plaintext = form.suite.open({
    key: form.sealKey(key.bytes),
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
  if (FORM_OF[version ?? 0] === undefined || length === undefined || sealed.length < 2 + length) {
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
 * A keyed digest by which an encrypted value can be found again but not read: HMAC over label and value with the
 * suite's digest, cut to 16 bytes. The value is brought to NFKC, so that full-width and half-width writings are found
 * together.
 * @param label register and attribute, so that equal values of two attributes do not show as equal
 */
export function blindIndex(
  key: Uint8Array,
  label: string,
  value: string,
  suite: CryptoSuite["name"] = "international",
): Uint8Array {
  const index = new Uint8Array(BLIND_INDEX_BYTES);
  blindIndexInto({ target: index, at: 0 }, { key, label, value, suite });
  return index;
}

/** Writes a {@link blindIndex} into bytes that are there. */
export function blindIndexInto(
  { target, at }: { readonly target: Uint8Array; readonly at: number },
  about: {
    readonly key: Uint8Array;
    readonly label: string;
    readonly value: string;
    readonly suite: CryptoSuite["name"];
  },
): void {
  const { key, label, value, suite } = about;
  // The label cannot hold the separator, so two pairs never give one message.
  if (label.includes("\0")) throw new RangeError("a label has no NUL");
  const mac = macOf(key, suite);
  const text = `${label}\0${ASCII.test(value) ? value : value.normalize("NFKC")}`;
  const room = mac.room(text.length * UTF8_MAX_BYTES);
  const digest = mac.digest(room.write(text, MAC_BLOCK_BYTES, "utf8"));
  for (let place = 0; place < BLIND_INDEX_BYTES; place++) target[at + place] = digest.charCodeAt(place);
}

const ASCII = /^[\x20-\x7e]*$/;
/** Of one UTF-16 code unit. */
const UTF8_MAX_BYTES = 3;

/** A node has few keys and seals with them often. */
const headers = new Map<string, Uint8Array>();
const HEADERS_MAX = 1_000;

export function headerOf(id: string, version: number): Uint8Array {
  const known = headers.get(`${version}${id}`);
  if (known !== undefined) return known;
  const name = utf8(id);
  const header = concatBytes(Uint8Array.of(version, name.length), name);
  if (headers.size < HEADERS_MAX) headers.set(`${version}${id}`, header);
  return header;
}

export const CIPHER_BLOCK_BYTES = 16;
export const TAG_BYTES = 16;
/** How the length of the associated data ends what a tag is made over. */
const LENGTH_BYTES = 8;
/** Of the plaintexts together, each filled up to whole blocks: the counter's four bytes last for more. */
export const BATCH_MAX_BYTES = 1024 * 1024 * 1024;
const FIRST_ROOM_BYTES = 64 * 1024;

/** Seals many values with one key in one pass (versions 2 and 4). */
export class EnvelopeBatch {
  readonly #form: Form;
  readonly #header: Uint8Array;
  readonly #keys: BatchKeys;
  #plain: Buffer = Buffer.allocUnsafe(FIRST_ROOM_BYTES);
  #bound: Buffer = Buffer.allocUnsafe(FIRST_ROOM_BYTES);
  #plainEnd = 0;
  #boundEnd = 0;
  /** Of each value: where its plaintext begins, its length, where its associated data begin, and their length. */
  #places: number[] = [];

  constructor(key: DataKey) {
    if (!KEY_ID.test(key.id)) throw new EnvelopeError("ERR_ENVELOPE_KEY", `a key cannot have the id ${key.id}`);
    this.#form = FORMS[key.suite ?? "international"];
    this.#header = headerOf(key.id, this.#form.batchVersion);
    this.#keys = batchKeysOf(key, this.#form);
  }

  /** @param associatedData says where the value belongs, as in {@link sealAttribute} */
  add(plaintext: string | Uint8Array, associatedData: string): void {
    this.#plain = withRoom(this.#plain, this.#plainEnd, plaintext.length * UTF8_MAX_BYTES + CIPHER_BLOCK_BYTES);
    this.#bound = withRoom(this.#bound, this.#boundEnd, associatedData.length * UTF8_MAX_BYTES);
    let plainSize = plaintext.length;
    if (typeof plaintext === "string") plainSize = this.#plain.write(plaintext, this.#plainEnd, "utf8");
    else this.#plain.set(plaintext, this.#plainEnd);
    const boundSize = this.#bound.write(associatedData, this.#boundEnd, "utf8");
    if (plainSize > ATTRIBUTE_MAX_BYTES || this.#plainEnd + plainSize > BATCH_MAX_BYTES) {
      throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the value is too long");
    }
    this.#places.push(this.#plainEnd, plainSize, this.#boundEnd, boundSize);
    this.#plainEnd += Math.ceil(plainSize / CIPHER_BLOCK_BYTES) * CIPHER_BLOCK_BYTES;
    this.#boundEnd += boundSize;
  }

  /**
   * The envelopes of what was added since the last time, in order. They are views of one buffer.
   * @param nonce 12 fresh random bytes
   */
  seal(nonce: Uint8Array): Uint8Array[] {
    if (nonce.length !== ENVELOPE_NONCE_BYTES) throw new RangeError(`a nonce has ${ENVELOPE_NONCE_BYTES} bytes`);
    const counter = Buffer.alloc(CIPHER_BLOCK_BYTES);
    counter.set(nonce);
    const places = this.#places;
    const cipher = createCipheriv(this.#form.batchCipher, this.#keys.cipher, counter);
    const body = cipher.update(this.#plain.subarray(0, this.#plainEnd));
    const extra = this.#header.length + CIPHER_BLOCK_BYTES + TAG_BYTES;
    let size = (places.length / 4) * extra;
    for (let at = 1; at < places.length; at += 4) size += places[at] ?? 0;
    const whole = Buffer.allocUnsafeSlow(size);
    const envelopes: Uint8Array[] = [];
    let end = 0;
    for (let at = 0; at < places.length; at += 4) {
      const [plainAt = 0, plainSize = 0, boundAt = 0, boundSize = 0] = places.slice(at, at + 4);
      const begin = end;
      counter.writeUInt32BE(plainAt / CIPHER_BLOCK_BYTES, ENVELOPE_NONCE_BYTES);
      whole.set(this.#header, begin);
      end += this.#header.length;
      whole.set(counter, end);
      end += CIPHER_BLOCK_BYTES;
      body.copy(whole, end, plainAt, plainAt + plainSize);
      end += plainSize;
      const bodyAt = begin + this.#header.length + CIPHER_BLOCK_BYTES;
      const bound = { bytes: this.#bound, at: boundAt, size: boundSize };
      const tag = tagOf(this.#keys.mac, { bytes: whole, begin, bodyAt, end }, bound);
      whole.write(tag, end, TAG_BYTES, "latin1");
      end += TAG_BYTES;
      envelopes.push(new Uint8Array(whole.buffer, begin, end - begin));
    }
    this.#plain.fill(0, 0, this.#plainEnd); // what was sealed must not stay behind
    this.#plainEnd = 0;
    this.#boundEnd = 0;
    this.#places = [];
    return envelopes;
  }
}

function openFromBatch(key: DataKey, form: Form, sealed: Uint8Array, associatedData: Uint8Array): Uint8Array {
  const startAt = headerOf(key.id, form.batchVersion).length;
  const startEnd = startAt + CIPHER_BLOCK_BYTES;
  const bodyEnd = sealed.length - TAG_BYTES;
  if (bodyEnd < startEnd) throw new EnvelopeError("ERR_ENVELOPE_FORMAT", "the envelope is cut off");
  if (!isTagged(batchKeysOf(key, form), startEnd, { sealed, associatedData })) {
    throw new EnvelopeError("ERR_ENVELOPE_TAMPERED", "the envelope does not open");
  }
  const decipher = createDecipheriv(
    form.batchCipher,
    batchKeysOf(key, form).cipher,
    sealed.subarray(startAt, startEnd),
  );
  return new Uint8Array(decipher.update(sealed.subarray(startEnd, bodyEnd)));
}

/** A sealed value and what says where it belongs. */
export interface SealedValue {
  readonly sealed: Uint8Array;
  readonly associatedData: Uint8Array | string;
}

export function isTagged({ mac }: BatchKeys, bodyAt: number, { sealed, associatedData }: SealedValue): boolean {
  const end = sealed.length - TAG_BYTES;
  const bound = { bytes: associatedData, at: 0, size: associatedData.length };
  const tag = tagOf(mac, { bytes: sealed, begin: 0, bodyAt, end }, bound);
  let differs = 0; // looked at to the end, so that the time does not tell where they differ
  for (let at = 0; at < TAG_BYTES; at++) differs |= tag.charCodeAt(at) ^ (sealed[end + at] ?? 0);
  return differs === 0;
}

/** An envelope without its tag, among others. */
interface Untagged {
  readonly bytes: Uint8Array;
  readonly begin: number;
  readonly bodyAt: number;
  readonly end: number;
}

interface Bound {
  /** A text is bound as a whole. */
  readonly bytes: Uint8Array | string;
  readonly at: number;
  readonly size: number;
}

/** The digest, one character a byte, of which the tag is the beginning. */
function tagOf(mac: Mac, { bytes, begin, bodyAt, end }: Untagged, bound: Bound): string {
  const most = typeof bound.bytes === "string" ? bound.size * UTF8_MAX_BYTES : bound.size;
  const room = mac.room(end - begin + most + LENGTH_BYTES);
  let at = MAC_BLOCK_BYTES;
  at = copyBytes(room, at, { from: bytes, begin, end: bodyAt });
  const boundAt = at;
  if (typeof bound.bytes === "string") at += room.write(bound.bytes, at, "utf8");
  else at = copyBytes(room, at, { from: bound.bytes, begin: bound.at, end: bound.at + bound.size });
  const boundSize = at - boundAt;
  at = copyBytes(room, at, { from: bytes, begin: bodyAt, end });
  room.writeUInt32BE(0, at); // associated data are shorter than 4 GiB
  room.writeUInt32BE(boundSize, at + 4);
  return mac.digest(at + LENGTH_BYTES - MAC_BLOCK_BYTES);
}

function copyBytes(
  to: Uint8Array,
  at: number,
  { from, begin, end }: { readonly from: Uint8Array; readonly begin: number; readonly end: number },
): number {
  to.set(begin === 0 && end === from.length ? from : from.subarray(begin, end), at);
  return at + end - begin;
}

export interface BatchKeys {
  readonly cipher: KeyObject;
  readonly mac: Mac;
}

type ForKeys<T> = Readonly<Record<CryptoSuite["name"], WeakMap<Uint8Array, T>>>;

const batchKeys: ForKeys<BatchKeys> = { international: new WeakMap(), national: new WeakMap() };

export function batchKeysOf({ bytes }: DataKey, { suite, batchKey, digest }: Form): BatchKeys {
  let keys = batchKeys[suite.name].get(bytes);
  if (keys === undefined) {
    const cipher = createSecretKey(batchKey(bytes, "cipher"));
    keys = { cipher, mac: new Mac(batchKey(bytes, "tag"), digest) };
    batchKeys[suite.name].set(bytes, keys);
  }
  return keys;
}

const macs: ForKeys<Mac> = { international: new WeakMap(), national: new WeakMap() };

function macOf(key: Uint8Array, suite: CryptoSuite["name"]): Mac {
  let mac = macs[suite].get(key);
  if (mac === undefined) {
    mac = new Mac(key, FORMS[suite].digest);
    macs[suite].set(key, mac);
  }
  return mac;
}
