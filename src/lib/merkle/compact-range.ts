import { EMPTY_ROOT, nodeHash } from "./hash.ts";

/**
 * The right edge of a tree: the roots of its perfect subtrees, largest first. It is all that appending needs, and
 * grows with the logarithm of the tree.
 */
export interface CompactRange {
  readonly size: number;
  /** One hash for each bit that is set in `size`, from the highest bit down. */
  readonly hashes: readonly Uint8Array[];
}

export const EMPTY_RANGE: CompactRange = Object.freeze({ size: 0, hashes: [] });

/** Told of each node that became complete: `level` 0 is a leaf, `index` counts from the left. */
export type NodeSink = (level: number, index: number, hash: Uint8Array) => void;

/**
 * Appends leaves to a range and returns the new one.
 * @param sink is called for every node that the leaves complete, the leaves included, children first
 */
export function appendLeaves(range: CompactRange, leafHashes: Iterable<Uint8Array>, sink?: NodeSink): CompactRange {
  const hashes = [...range.hashes];
  let size = range.size;
  for (const leaf of leafHashes) {
    let hash = leaf;
    let level = 0;
    let index = size;
    sink?.(0, index, hash);
    while (index % 2 === 1) {
      const left = hashes.pop();
      if (left === undefined) throw new Error("a compact range has one hash for each bit of its size");
      hash = nodeHash(left, hash);
      level += 1;
      index = (index - 1) / 2;
      sink?.(level, index, hash);
    }
    hashes.push(hash);
    size += 1;
  }
  return { size, hashes };
}

/** The tree's root. */
export function rootOf(range: CompactRange): Uint8Array {
  return foldRoots(range.hashes);
}

/** Folds the roots of perfect subtrees, largest first, into the root of the tree that they make up. */
export function foldRoots(hashes: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array | undefined;
  for (let at = hashes.length - 1; at >= 0; at--) {
    const hash = hashes[at] as Uint8Array;
    root = root === undefined ? hash : nodeHash(hash, root);
  }
  return root ?? EMPTY_ROOT;
}
