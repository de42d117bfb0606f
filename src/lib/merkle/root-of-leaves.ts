import { sha256Into } from "../crypto/digest.ts";
import { EMPTY_ROOT, HASH_SIZE_BYTES } from "./hash.ts";

/**
 * The root of a tree of which all leaves are at hand (RFC 9162 §2.1.1), level by level in their place: nothing is allocated for a node.
 * @param hashes of the leaves, one after the other; they are written over
 */
export function rootOfLeaves(hashes: Uint8Array): Uint8Array {
  let count = hashes.length / HASH_SIZE_BYTES;
  if (!Number.isInteger(count)) throw new RangeError(`a hash has ${HASH_SIZE_BYTES} bytes`);
  if (count === 0) return EMPTY_ROOT;
  for (; count > 1; count = Math.ceil(count / 2)) {
    for (let at = 0; at < count; at += 2) {
      const to = (at / 2) * HASH_SIZE_BYTES;
      const from = at * HASH_SIZE_BYTES;
      // The last one of an odd number goes up as it is: its subtree is the smaller one of a split at a power of two.
      if (at + 1 === count) hashes.copyWithin(to, from, from + HASH_SIZE_BYTES);
      else {
        for (let place = 0; place < PAIR_BYTES; place++) nodeInput[1 + place] = hashes[from + place] ?? 0;
        sha256Into({ target: hashes, at: to }, nodeInput);
      }
    }
  }
  return hashes.slice(0, HASH_SIZE_BYTES);
}

const PAIR_BYTES = 2 * HASH_SIZE_BYTES;
/** 0x01 ‖ left ‖ right. One for all: digesting is synchronous. */
const nodeInput = new Uint8Array(1 + PAIR_BYTES);
nodeInput[0] = 0x01;
