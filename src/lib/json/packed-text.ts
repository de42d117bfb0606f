import { FREQUENT_PHRASES, PHRASES } from "./packed-phrases.ts";

/**
 * JSON, written shorter: phrases that many texts have in common are a byte or two, a uuid is its 16 bytes, base64url of 16 or 32 bytes is these.
 * It is read from front to end, and nothing has to be known of other texts. A packed text begins with 0; in it stand for
 *
 *     1 … 31               the phrase of this number
 *     0xF5 … 0xF8, n       a further phrase
 *     0xFD, 32 bytes       43 characters of base64url
 *     0xFE, 16 bytes       22 characters of base64url
 *     0xFF, 16 bytes       a uuid
 *
 * All else is UTF-8, which has none of these bytes; JSON has no control characters.
 */

const UUID = 0xff;
const BASE64URL_16 = 0xfe;
const BASE64URL_32 = 0xfd;
const FURTHER = 0xf5;
const FURTHER_END = 0xf8;
const PACKED = 0;
/** What a byte of the packed text can become at most: a phrase, or the character that it is. */
const PHRASE_MAX_BYTES = 64;
/** Longer ones gain little, and are not packed. */
export const PACKED_MAX_CHARACTERS = 16 * 1024;

const encoder = new TextEncoder();
const frequent: readonly (Uint8Array | undefined)[] = [
  undefined,
  ...FREQUENT_PHRASES.map((phrase) => encoder.encode(phrase)),
];
const further = PHRASES.map((phrase) => encoder.encode(phrase));

/** Phrases as a tree of their bytes: of each node its byte, its first child, the next child of its parent, and what ends here. */
interface PhraseTree {
  readonly byte: number[];
  readonly child: number[];
  readonly sibling: number[];
  /** Of a frequent phrase its byte; of a further one both, the second above the first; 0 where none ends. */
  readonly code: number[];
  /** By the first byte. */
  readonly roots: Int16Array;
}

function treeOf(): PhraseTree {
  const tree = { byte: [0], child: [0], sibling: [0], code: [0], roots: new Int16Array(256) };
  const nodeOf = (byte: number, first: number) => {
    for (let node = first; node > 0; node = tree.sibling[node] ?? 0) if (tree.byte[node] === byte) return node;
    tree.byte.push(byte);
    tree.child.push(0);
    tree.sibling.push(first);
    tree.code.push(0);
    return tree.byte.length - 1;
  };
  const add = (phrase: Uint8Array, code: number) => {
    let node = 0;
    for (const [at, byte] of phrase.entries()) {
      const first = at === 0 ? (tree.roots[byte] ?? 0) : (tree.child[node] ?? 0);
      const next = nodeOf(byte, first);
      if (at === 0) tree.roots[byte] = next;
      else if (tree.sibling[next] === first && next === tree.byte.length - 1) tree.child[node] = next;
      node = next;
    }
    tree.code[node] = code;
  };
  for (const [at, phrase] of further.entries()) add(phrase, FURTHER + (at >> 8) + ((at & 0xff) << 8) + TWO_BYTES);
  for (const [at, phrase] of frequent.entries()) if (phrase !== undefined) add(phrase, at);
  return tree;
}

/** Marks a code of two bytes. */
const TWO_BYTES = 1 << 16;
const tree = treeOf();

const HEX = encoder.encode("0123456789abcdef");
const BASE64URL = encoder.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
const HYPHEN = 0x2d;
const HEX_VALUES = valuesOf(HEX);
const BASE64URL_VALUES = valuesOf(BASE64URL);

/** By character; -1 where it is none of the alphabet. */
function valuesOf(alphabet: Uint8Array): Int8Array {
  const values = new Int8Array(256).fill(-1);
  for (const [value, character] of alphabet.entries()) values[character] = value;
  return values;
}

const UUID_CHARACTERS = 36;
const BASE64URL_16_CHARACTERS = 22;
const BASE64URL_32_CHARACTERS = 43;
const QUOTE = 0x22;

/** Packing is synchronous: one of each for all. A character is three bytes at most. */
const source = Buffer.alloc(3 * PACKED_MAX_CHARACTERS + UUID_CHARACTERS);
const work = Buffer.alloc(1 + 3 * PACKED_MAX_CHARACTERS);

/**
 * @param text JSON
 * @returns undefined where it is no text that can be packed: too long, or with characters that JSON does not have. A view that is good until
 *   the next call.
 */
export function packText(text: string): Uint8Array | undefined {
  if (text.length > PACKED_MAX_CHARACTERS || !text.isWellFormed()) return undefined;
  const size = source.write(text, 0, "utf8");
  source.fill(0, size, size + UUID_CHARACTERS);
  work[0] = PACKED;
  let from = 0;
  let to = 1;
  while (from < size) {
    const byte = source[from] as number;
    if (byte < 0x20) return undefined;
    if (from > 0 && source[from - 1] === QUOTE) {
      const read = packValue(from, to);
      if (read > 0) {
        from += read;
        to += read === UUID_CHARACTERS || read === BASE64URL_16_CHARACTERS ? 17 : 33;
        continue;
      }
    }
    let code = 0;
    let end = from;
    for (let node = tree.roots[byte] as number, at = from + 1; node > 0; at++) {
      const ends = tree.code[node] as number;
      if (ends > 0) {
        code = ends;
        end = at;
      }
      node = tree.child[node] as number;
      const next = source[at] as number;
      while (node > 0 && tree.byte[node] !== next) node = tree.sibling[node] as number;
    }
    if (code === 0) {
      work[to++] = byte;
      from += 1;
    } else {
      work[to++] = code & 0xff;
      if (code >= TWO_BYTES) work[to++] = (code >> 8) & 0xff;
      from = end;
    }
  }
  source.fill(0, 0, size); // it is to be sealed, and must not stay behind
  return new Uint8Array(work.buffer, work.byteOffset, to);
}

/** @returns how many characters of the source are a uuid or base64url of 16 or 32 bytes, which is written; 0 where they are neither */
function packValue(from: number, to: number): number {
  if (source[from + 8] === HYPHEN && source[from + 13] === HYPHEN) return packUuid(from, to) ? UUID_CHARACTERS : 0;
  if (source[from + BASE64URL_32_CHARACTERS] === QUOTE && packBase64url(from, BASE64URL_32_CHARACTERS, to)) {
    work[to] = BASE64URL_32;
    return BASE64URL_32_CHARACTERS;
  }
  if (source[from + BASE64URL_16_CHARACTERS] === QUOTE && packBase64url(from, BASE64URL_16_CHARACTERS, to)) {
    work[to] = BASE64URL_16;
    return BASE64URL_16_CHARACTERS;
  }
  return 0;
}

function packUuid(begin: number, to: number): boolean {
  let from = begin;
  for (let place = 1; place <= 16; place++) {
    if (place === 5 || place === 7 || place === 9 || place === 11) {
      if (source[from++] !== HYPHEN) return false;
    }
    const high = HEX_VALUES[source[from++] as number] as number;
    const low = HEX_VALUES[source[from++] as number] as number;
    if (high < 0 || low < 0) return false;
    work[to + place] = (high << 4) | low;
  }
  work[to] = UUID;
  return true;
}

/** Bits that are left over must be none, or it would be read back as another text (RFC 4648 §3.5). */
function packBase64url(from: number, characters: number, to: number): boolean {
  let bits = 0;
  let held = 0;
  let at = to + 1;
  for (let place = 0; place < characters; place++) {
    const value = BASE64URL_VALUES[source[from + place] as number] as number;
    if (value < 0) return false;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      work[at++] = held >> bits;
    }
  }
  return (held & ((1 << bits) - 1)) === 0;
}

/** Whether it is a packed text; JSON itself never begins so. */
export function isPacked(bytes: Uint8Array): boolean {
  return bytes[0] === PACKED;
}

/** How long the text can be that so many bytes are packed from. */
export function unpackedMaxBytes(packedBytes: number): number {
  return packedBytes * PHRASE_MAX_BYTES;
}

/** @returns the text's UTF-8 bytes; undefined where it is no packed text */
export function unpackText(packed: Uint8Array): Uint8Array | undefined {
  const target = Buffer.allocUnsafe(unpackedMaxBytes(packed.length));
  const end = unpackInto(packed, target, 0);
  return end < 0 ? undefined : new Uint8Array(target.buffer, target.byteOffset, end);
}

/**
 * Writes the text's UTF-8 bytes.
 * @param target with room for {@link unpackedMaxBytes}
 * @returns where they end; -1 where it is no packed text
 */
export function unpackInto(packed: Uint8Array, target: Uint8Array, begin: number): number {
  if (packed[0] !== PACKED) return -1;
  const size = packed.length;
  let to = begin;
  let at = 1;
  while (at < size) {
    const byte = packed[at++] as number;
    if (byte >= 0x20 && byte < FURTHER) {
      target[to++] = byte;
    } else if (byte <= FURTHER_END) {
      const phrase = byte < 0x20 ? frequent[byte] : further[((byte - FURTHER) << 8) + (packed[at++] ?? further.length)];
      if (phrase === undefined) return -1;
      for (let place = 0; place < phrase.length; place++) target[to++] = phrase[place] as number;
    } else {
      const end = at + (byte === BASE64URL_32 ? 32 : 16);
      if (end > size || byte < BASE64URL_32) return -1;
      to = byte === UUID ? writeUuid(packed, at, target, to) : writeBase64url(packed, { at, end }, target, to);
      at = end;
    }
  }
  return to;
}

function writeUuid(bytes: Uint8Array, from: number, target: Uint8Array, begin: number): number {
  let to = begin;
  for (let place = 0; place < 16; place++) {
    const byte = bytes[from + place] as number;
    if (place === 4 || place === 6 || place === 8 || place === 10) target[to++] = HYPHEN;
    target[to++] = HEX[byte >> 4] as number;
    target[to++] = HEX[byte & 15] as number;
  }
  return to;
}

function writeBase64url(
  bytes: Uint8Array,
  part: { readonly at: number; readonly end: number },
  target: Uint8Array,
  begin: number,
): number {
  const { end } = part;
  let to = begin;
  let { at } = part;
  for (; at + 2 < end; at += 3) {
    const three = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    target[to++] = BASE64URL[three >> 18] as number;
    target[to++] = BASE64URL[(three >> 12) & 63] as number;
    target[to++] = BASE64URL[(three >> 6) & 63] as number;
    target[to++] = BASE64URL[three & 63] as number;
  }
  const left = end - at;
  const last = ((bytes[at] as number) << 16) | (left > 1 ? (bytes[at + 1] as number) << 8 : 0);
  target[to++] = BASE64URL[last >> 18] as number;
  target[to++] = BASE64URL[(last >> 12) & 63] as number;
  if (left > 1) target[to++] = BASE64URL[(last >> 6) & 63] as number;
  return to;
}
