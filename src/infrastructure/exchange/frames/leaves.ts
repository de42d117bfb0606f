import { concatBytes } from "#lib/crypto/bytes";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { HASH_SIZE_BYTES, leafHash } from "#lib/merkle/hash";
import { FRAME_MAX_MESSAGES } from "../limits.ts";

const NEWLINE = 0x0a;

/** The leaf of a message: RFC 9162's hash of its line without the end. */
export function leafOf(line: Uint8Array): Uint8Array {
  return leafHash(line);
}

export function rootOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  return rootOf(appendLeaves(EMPTY_RANGE, leaves));
}

/** The lines of a body, each of which ends with a newline; undefined where there are none, too many or the last is cut off. */
export function linesOf(body: Uint8Array): readonly Uint8Array[] | undefined {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < body.length) {
    const end = body.indexOf(NEWLINE, start);
    if (end <= start || lines.length >= FRAME_MAX_MESSAGES) return undefined;
    lines.push(body.subarray(start, end));
    start = end + 1;
  }
  return lines.length === 0 ? undefined : lines;
}

/** As they are kept. */
export function packed(leaves: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...leaves);
}

export function unpacked(leaves: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: leaves.length / HASH_SIZE_BYTES }, (_, at) =>
    leaves.slice(at * HASH_SIZE_BYTES, (at + 1) * HASH_SIZE_BYTES),
  );
}
