import { sha256 } from "#lib/crypto/digest";

export const HASH_SIZE_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0x00);
const nodeInput = new Uint8Array(1 + 2 * HASH_SIZE_BYTES);
nodeInput[0] = 0x01;

/** The hash of an entry (RFC 9162 §2.1.1): SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, entry);
}

/** The hash of an inner node (RFC 9162 §2.1.1): SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1); // one buffer for all: digesting is synchronous
  nodeInput.set(right, 1 + HASH_SIZE_BYTES);
  return sha256(nodeInput);
}

/** The root of a tree without entries: the digest of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));
