import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { concatBytes } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { appendLeaves, EMPTY_RANGE, rootOf } from "./compact-range.ts";
import { EMPTY_ROOT, leafHash, nodeHash } from "./hash.ts";
import {
  consistencyProof,
  type HashReader,
  inclusionProof,
  readRoot,
  verifyConsistency,
  verifyInclusion,
} from "./proof.ts";
import { rootOfLeaves } from "./root-of-leaves.ts";
import { hashReader, newTiles, parseTilePath, TILE_WIDTH, tilePath } from "./tile.ts";

// The definitions of RFC 9162 §2.1, written down as they stand and as slow as they are.
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const k = split(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}
function naivePath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}
function naiveSubproof(m: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...naiveSubproof(m, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...naiveSubproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

const SIZE_MAX = 700;
const LEAVES = Array.from({ length: SIZE_MAX }, (_, at) => leafHash(Uint8Array.of(at & 255, at >> 8)));

/** Tiles as a log stores them after appending in two steps. */
function tiles(size: number, firstStep: number): HashReader {
  const nodes = new Map<string, Uint8Array>();
  const keep = (level: number, index: number, hash: Uint8Array): void => {
    if (level % 8 === 0) nodes.set(`${level / 8}/${index}`, hash);
  };
  const range = appendLeaves(EMPTY_RANGE, LEAVES.slice(0, firstStep), keep);
  appendLeaves(range, LEAVES.slice(firstStep, size), keep);
  const stored = new Map<string, Uint8Array>();
  for (const id of [...newTiles(0, firstStep), ...newTiles(firstStep, size)]) {
    const hashes: Uint8Array[] = [];
    for (let at = 0; at < id.width; at++) {
      hashes.push(nodes.get(`${id.level}/${id.index * TILE_WIDTH + at}`) as Uint8Array);
    }
    stored.set(tilePath(id), concatBytes(...hashes));
  }
  return hashReader(size, async (ids) =>
    ids.map((id) => {
      const tile = stored.get(tilePath(id));
      assert.ok(tile, tilePath(id));
      return tile;
    }),
  );
}

const size = fc.integer({ min: 1, max: SIZE_MAX });

describe("the tree", () => {
  test("has the published roots", () => {
    assert.equal(EMPTY_ROOT.toHex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert.equal(
      leafHash(new Uint8Array(0)).toHex(),
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
  });

  test("roots, proofs and tiles agree with the naive definitions", async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (total, a, b) => {
        const leaves = LEAVES.slice(0, total);
        const root = naiveRoot(leaves);
        const read = tiles(total, a % (total + 1));
        assert.deepEqual(rootOf(appendLeaves(EMPTY_RANGE, leaves)), root);
        assert.deepEqual(rootOfLeaves(concatBytes(...leaves)), root);
        assert.deepEqual(await readRoot(total, read), root);

        const index = b % total;
        const path = await inclusionProof(index, total, read);
        assert.deepEqual(path, naivePath(index, leaves));
        const claim = { leafHash: leaves[index] as Uint8Array, index, size: total, proof: path, root };
        assert.ok(verifyInclusion(claim));
        assert.ok(!verifyInclusion({ ...claim, leafHash: sha256(claim.leafHash) }));
        assert.ok(!verifyInclusion({ ...claim, proof: [...path, root] }));

        const size1 = 1 + (b % total);
        const root1 = naiveRoot(leaves.slice(0, size1));
        const proof = await consistencyProof(size1, total, read);
        assert.deepEqual(proof, naiveSubproof(size1, leaves, true));
        assert.ok(verifyConsistency({ size1, size2: total, root1, root2: root, proof }));
        assert.ok(!verifyConsistency({ size1, size2: total, root1: sha256(root1), root2: root, proof }));
        assert.ok(!verifyConsistency({ size1, size2: total, root1, root2: sha256(root), proof }));
      }),
      { numRuns: 60 },
    );
  });

  test("the empty tree begins every tree and no other root does", () => {
    const root2 = naiveRoot(LEAVES.slice(0, 5));
    assert.ok(verifyConsistency({ size1: 0, size2: 5, root1: EMPTY_ROOT, root2, proof: [] }));
    assert.ok(!verifyConsistency({ size1: 0, size2: 5, root1: root2, root2, proof: [] }));
  });
});

describe("tile paths", () => {
  test("are those of C2SP tlog-tiles", () => {
    assert.equal(tilePath({ level: 0, index: 1234067, width: 256 }), "tile/0/x001/x234/067");
    assert.equal(tilePath({ level: 1, index: 5, width: 7 }), "tile/1/005.p/7");
    assert.deepEqual(parseTilePath("tile/entries/x001/x234/067.p/255"), {
      kind: "entries",
      id: { index: 1234067, width: 255 },
    });
  });

  test("have one spelling", () => {
    for (const path of [
      "tile/0/1",
      "tile/0/x000/001",
      "tile/0/001.p/256",
      "tile/0/001.p/0",
      "tile/64/001",
      "tile/00/001",
    ]) {
      assert.equal(parseTilePath(path), undefined, path);
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.nat({ max: 2 ** 40 }),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          assert.deepEqual(parseTilePath(tilePath({ level, index, width })), {
            kind: "tile",
            id: { level, index, width },
          });
        },
      ),
    );
  });
});
