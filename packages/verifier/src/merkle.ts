/** The tree of RFC 9162 §2.1, from the verifier's side. */
import { same } from "./bytes.ts";
import { sha256 } from "./crypto.ts";

export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(0), entry);
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(1), left, right);
}

/** RFC 9162 §2.1.3.2. */
export function isIncluded(claim: {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}): boolean {
  const { leaf, index, size, proof, root } = claim;
  if (index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  let node = BigInt(index);
  let last = BigInt(size) - 1n;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      hash = nodeHash(sibling, hash);
      while (node !== 0n && node % 2n === 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(hash, root);
}

/** RFC 9162 §2.1.4.2. */
export function isConsistent(claim: {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}): boolean {
  const { size1, size2, root1, root2, proof } = claim;
  if (size1 > size2 || ![root1, root2, ...proof].every(isHash)) return false;
  if (size1 === size2) return proof.length === 0 && same(root1, root2);
  if (size1 === 0) return proof.length === 0 && same(root1, sha256());
  let node = BigInt(size1) - 1n;
  let last = BigInt(size2) - 1n;
  const perfect = (BigInt(size1) & node) === 0n;
  while (node % 2n === 1n) {
    node >>= 1n;
    last >>= 1n;
  }
  const [first, ...rest] = perfect ? [root1, ...proof] : proof;
  if (first === undefined) return false;
  let hash1 = first;
  let hash2 = first;
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (node % 2n === 1n || node === last) {
      hash1 = nodeHash(sibling, hash1);
      hash2 = nodeHash(sibling, hash2);
      while (node !== 0n && node % 2n === 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      hash2 = nodeHash(hash2, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(hash1, root1) && same(hash2, root2);
}

/** A tree that grows leaf by leaf and knows its root at any size. */
export class GrowingTree {
  size = 0;
  readonly #peaks: { readonly level: number; readonly hash: Uint8Array }[] = [];

  add(leaf: Uint8Array): void {
    let peak = { level: 0, hash: leaf };
    for (let left = this.#peaks.at(-1); left?.level === peak.level; left = this.#peaks.at(-1)) {
      this.#peaks.pop();
      peak = { level: peak.level + 1, hash: nodeHash(left.hash, peak.hash) };
    }
    this.#peaks.push(peak);
    this.size += 1;
  }

  root(): Uint8Array {
    const [last, ...others] = this.#peaks.map(({ hash }) => hash).reverse();
    if (last === undefined) return sha256();
    return others.reduce((right, left) => nodeHash(left, right), last);
  }
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === 32;
}
