import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { sha256 } from "./src/sha256.ts";

const VECTORS = join(import.meta.dirname, "../../conformance/vectors");

function node(...args: readonly string[]) {
  return spawnSync(process.execPath, ["--no-warnings", ...args], { encoding: "utf8" });
}

describe("the verifier as plain JavaScript", () => {
  test("is the same each time, needs nothing beside itself, and judges as its source does", (context) => {
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), "zhengtong-build-")));
    context.after(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    const [first = "", second = ""] = folders.map((folder) => {
      const built = node(join(import.meta.dirname, "build.ts"), folder);
      assert.equal(built.status, 0, built.stderr);
      return folder;
    });
    for (const name of ["zhengtong-verifier.mjs", "zhengtong-verifier.html"])
      assert.deepEqual(readFileSync(join(first, name)), readFileSync(join(second, name)));
    const command = join(first, "zhengtong-verifier.mjs");
    assert.equal(node(command, join(VECTORS, "licence/good.txt"), "--at", "2026-06-01T00:00:00Z").status, 3);
    const root = ["--root", join(VECTORS, "certificates/root.pem"), "--at", "2026-06-01T00:00:00Z"];
    assert.equal(node(command, join(VECTORS, "pdf/good.pdf"), ...root).status, 0);
    assert.equal(node(command, join(VECTORS, "pdf/bad-changed.pdf"), ...root).status, 1);
  });
});

describe("SHA-256 of our own", () => {
  test("is SHA-256, at every length around its blocks and in parts", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => (at * 197) & 0xff);
    for (let length = 0; length <= bytes.length; length += 1) {
      const expected = createHash("sha256").update(bytes.subarray(0, length)).digest("hex");
      const half = length >> 1;
      const parts = sha256(bytes.subarray(0, half), bytes.subarray(half, length));
      assert.equal(Buffer.from(parts).toString("hex"), expected, `${length} bytes`);
    }
  });
});
