import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { verifyConsistency, verifyInclusion } from "./proof.ts";

const vectors = join(
  process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors"),
  "merkle",
);
const skip = existsSync(vectors) ? false : `no vectors at ${vectors}`;

interface Inclusion {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  wantErr: boolean;
}

interface Consistency {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

function bytes(base64: string | null): Uint8Array {
  return new Uint8Array(Buffer.from(base64 ?? "", "base64"));
}

function read(part: string): { path: string; content: unknown }[] {
  const paths = globSync(`${part}/**/*.json`, { cwd: vectors });
  assert.ok(paths.length > 20, `${part}: too few vectors`);
  return paths.map((path) => ({ path, content: JSON.parse(readFileSync(join(vectors, path), "utf8")) as unknown }));
}

describe("published proofs, most of them wrong on purpose", { skip }, () => {
  test("inclusion", () => {
    for (const { path, content } of read("inclusion")) {
      const { leafIdx, treeSize, root, leafHash, proof, wantErr } = content as Inclusion;
      const claim = { leafHash: bytes(leafHash), index: leafIdx, size: treeSize, root: bytes(root) };
      assert.equal(verifyInclusion({ ...claim, proof: (proof ?? []).map(bytes) }), !wantErr, path);
    }
  });

  test("consistency", () => {
    for (const { path, content } of read("consistency")) {
      const { size1, size2, root1, root2, proof, wantErr } = content as Consistency;
      const claim = { size1, size2, root1: bytes(root1), root2: bytes(root2) };
      assert.equal(verifyConsistency({ ...claim, proof: (proof ?? []).map(bytes) }), !wantErr, path);
    }
  });
});
