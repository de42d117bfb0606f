import { equalBytes } from "#lib/crypto/bytes";
import { foldRoots } from "./compact-range.ts";
import { EMPTY_ROOT, HASH_SIZE_BYTES, nodeHash } from "./hash.ts";

/** A node of a perfect subtree: at `level` (0 is a leaf), the `index`th from the left. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Reads the hashes of nodes, in the order asked. */
export type HashReader = (nodes: readonly NodeId[]) => Promise<readonly Uint8Array[]>;

/** No proof in a tree of at most 2^53 entries is longer. */
export const PROOF_MAX_HASHES = 64;

/** The perfect subtrees, largest first, that make up the leaves `start` to `end` (without `end`). */
export function nodesOfRange(start: number, end: number): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let span = 1;
    while (at % (span * 2) === 0 && at + span * 2 <= end) {
      span *= 2;
      level += 1;
    }
    nodes.push({ level, index: at / span });
    at += span;
  }
  return nodes;
}

/** The root of the first `size` leaves. */
export async function readRoot(size: number, read: HashReader): Promise<Uint8Array> {
  return foldRoots(await read(nodesOfRange(0, size)));
}

/**
 * Proves that the leaf at `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1).
 * @throws RangeError when the index is not in the tree
 */
export async function inclusionProof(index: number, size: number, read: HashReader): Promise<readonly Uint8Array[]> {
  assertSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new RangeError(`no leaf ${index} of ${size}`);
  const ranges: [number, number][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  return readRanges(ranges.reverse(), read);
}

/**
 * Proves that the tree of `size1` leaves is the beginning of the tree of `size2` leaves (RFC 9162 §2.1.4.1).
 * @throws RangeError when the sizes are not in order
 */
export async function consistencyProof(size1: number, size2: number, read: HashReader): Promise<readonly Uint8Array[]> {
  assertSize(size1);
  assertSize(size2);
  if (size1 > size2) throw new RangeError(`a tree of ${size2} leaves has no beginning of ${size1}`);
  if (size1 === 0 || size1 === size2) return [];
  const ranges: [number, number][] = [];
  let start = 0;
  let end = size2;
  while (end !== size1) {
    const middle = start + splitPoint(end - start);
    if (size1 <= middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([start, middle]);
      start = middle;
    }
  }
  // The verifier has the older root already when the older tree is one perfect subtree.
  if (start !== 0) ranges.push([start, end]);
  return readRanges(ranges.reverse(), read);
}

/** What an inclusion proof claims. */
export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Checks an inclusion proof (RFC 9162 §2.1.3.2). */
export function verifyInclusion({ leafHash, index, size, proof, root }: InclusionClaim): boolean {
  if (!isSize(size) || !isSize(index) || index >= size || !areHashes([leafHash, root, ...proof])) return false;
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Checks a consistency proof (RFC 9162 §2.1.4.2). The empty tree is the beginning of every tree. */
export function verifyConsistency({ size1, size2, root1, root2, proof }: ConsistencyClaim): boolean {
  if (!isSize(size1) || !isSize(size2) || size1 > size2 || !areHashes([root1, root2, ...proof])) return false;
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2);
  if (size1 === 0) return proof.length === 0 && equalBytes(root1, EMPTY_ROOT);

  const path = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  let node = size1 - 1;
  let last = size2 - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let hash1 = first;
  let hash2 = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash1 = nodeHash(sibling, hash1);
      hash2 = nodeHash(sibling, hash2);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = half(last);
      }
    } else {
      hash2 = nodeHash(hash2, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && equalBytes(hash1, root1) && equalBytes(hash2, root2);
}

async function readRanges(
  ranges: readonly (readonly [number, number])[],
  read: HashReader,
): Promise<readonly Uint8Array[]> {
  const groups = ranges.map(([start, end]) => nodesOfRange(start, end));
  const hashes = await read(groups.flat());
  let at = 0;
  return groups.map((group) => {
    const part = hashes.slice(at, at + group.length);
    at += group.length;
    return foldRoots(part);
  });
}

/** The largest power of two below `size` (RFC 9162 §2.1.1). */
function splitPoint(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function half(value: number): number {
  return Math.floor(value / 2); // no shift: sizes pass 32 bits
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function assertSize(size: number): void {
  if (!isSize(size)) throw new RangeError(`${size} is no tree size`);
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= PROOF_MAX_HASHES + 2 && hashes.every((hash) => hash.length === HASH_SIZE_BYTES);
}
