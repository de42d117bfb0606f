import { hash } from "node:crypto";

/** Where the message begins in the room that it is written into. */
export const MAC_BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const FIRST_MESSAGE_BYTES = 2_048;

/** HMAC (RFC 2104) with SHA-256 or SM3, whose blocks and digests have the same sizes. */
export type MacDigest = "sha256" | "sm3";

/** HMAC over a message that is written in place: two one-shot digests, and nothing is allocated. */
export class Mac {
  readonly #digest: MacDigest;
  #inner: Buffer;
  readonly #outer: Buffer;

  /** @param key at most 64 bytes, which must not change afterwards */
  constructor(key: Uint8Array, digest: MacDigest = "sha256") {
    this.#digest = digest;
    if (key.length > MAC_BLOCK_BYTES) throw new RangeError(`a key has at most ${MAC_BLOCK_BYTES} bytes`);
    const padded = (filler: number, size: number) =>
      Buffer.alloc(size).fill(
        Uint8Array.from({ length: MAC_BLOCK_BYTES }, (_, at) => filler ^ (key[at] ?? 0)),
        0,
        MAC_BLOCK_BYTES,
      );
    this.#inner = padded(0x36, FIRST_MESSAGE_BYTES);
    this.#outer = padded(0x5c, MAC_BLOCK_BYTES + DIGEST_BYTES);
  }

  /** A buffer into which a message of so many bytes fits; it begins at {@link MAC_BLOCK_BYTES}. */
  room(sizeBytes: number): Buffer {
    this.#inner = withRoom(this.#inner, MAC_BLOCK_BYTES, sizeBytes);
    return this.#inner;
  }

  /** Of a message of so many bytes; one character a byte. */
  digest(sizeBytes: number): string {
    this.#outer.write(
      hash(this.#digest, this.#inner.subarray(0, MAC_BLOCK_BYTES + sizeBytes), "latin1"),
      MAC_BLOCK_BYTES,
      "latin1",
    );
    return hash(this.#digest, this.#outer, "latin1");
  }
}

/** The buffer or, when there is no room behind what is used, a larger one with the same beginning. */
export function withRoom(buffer: Buffer, used: number, bytes: number): Buffer {
  if (used + bytes <= buffer.length) return buffer;
  const larger = Buffer.alloc(Math.max(buffer.length * 2, used + bytes));
  buffer.copy(larger, 0, 0, used);
  return larger;
}
