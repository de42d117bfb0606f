/** Marks of state secrets in bytes of whatever kind: as text of the encodings that are in use, wherever it stands. */
import { concatBytes } from "#lib/crypto/bytes";
import { hasSecrecyMark } from "./secrecy-mark.ts";

/** How ★ is written. */
const STARS = [
  { encoding: "utf-8", star: Uint8Array.of(0xe2, 0x98, 0x85) },
  { encoding: "gb18030", star: Uint8Array.of(0xa1, 0xef) },
  { encoding: "utf-16le", star: Uint8Array.of(0x05, 0x26) },
  { encoding: "utf-16be", star: Uint8Array.of(0x26, 0x05) },
] as const;
/** Even, as characters of UTF-16 are: the word and what may stand between are nearer. */
const REACH_BYTES = 64;

export function bytesHaveMark(bytes: Uint8Array): boolean {
  return STARS.some(({ encoding, star }) => {
    for (const at of placesOf(bytes, star)) if (isMarkAt(bytes, at, encoding, star.length)) return true;
    return false;
  });
}

/** The same for bytes that come in pieces of any size, of which none is kept. */
export class MarkScanner {
  #tail: Uint8Array = new Uint8Array(0);

  /** @returns whether there is a mark in what came so far */
  push(piece: Uint8Array): boolean {
    const bytes = this.#tail.length === 0 ? piece : concatBytes(this.#tail, piece);
    // A star at the end is looked at again with what follows.
    this.#tail = bytes.slice(-(REACH_BYTES * 2));
    return bytesHaveMark(bytes);
  }
}

function isMarkAt(bytes: Uint8Array, at: number, encoding: string, starBytes: number): boolean {
  const from = at - Math.min(REACH_BYTES, encoding.startsWith("utf-16") ? at - (at % 2) : at);
  const window = bytes.subarray(from, at + starBytes + REACH_BYTES);
  // GB 18030 is read from where a character begins, which nobody can tell in the middle: from either.
  const starts = encoding === "gb18030" ? [0, 1] : [0];
  return starts.some((start) => hasSecrecyMark(new TextDecoder(encoding).decode(window.subarray(start))));
}

function* placesOf(bytes: Uint8Array, sought: Uint8Array): Generator<number, void, undefined> {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = view.indexOf(sought); at >= 0; at = view.indexOf(sought, at + 1)) yield at;
}
