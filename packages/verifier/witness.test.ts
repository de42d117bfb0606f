import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseLogKey } from "./src/checkpoint.ts";
import { verifyFile } from "./src/verify-file.ts";
import { parseWitnessKey } from "./src/witness.ts";

interface Vectors {
  readonly logKey: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    readonly note: string;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/witness.json");
const vectors = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

describe("checkpoints under a policy of witnesses", () => {
  assert.ok(vectors.cases.length > 0);
  for (const { why, expect, code, note } of vectors.cases) {
    test(why, async () => {
      const report = await verifyFile(new TextEncoder().encode(note), {
        roots: [],
        atMs: 0,
        logKey: parseLogKey(vectors.logKey),
        witnesses: { witnesses: vectors.witnesses.map(parseWitnessKey), quorum: vectors.quorum },
      });
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some((finding) => finding.code === code),
        JSON.stringify(report.findings),
      );
    });
  }

  test("the command takes witnesses, and asks for more than half of them", () => {
    const folder = mkdtempSync(join(tmpdir(), "zhengtong-verifier-"));
    try {
      const codes = vectors.cases.slice(0, 3).map(({ note }, at) => {
        const file = join(folder, `${at}.txt`);
        writeFileSync(file, note);
        const witnesses = vectors.witnesses.flatMap((key) => ["--witness", key]);
        const args = [join(import.meta.dirname, "verify.ts"), file, "--log-key", vectors.logKey, ...witnesses];
        return spawnSync(process.execPath, ["--no-warnings", ...args]).status;
      });
      assert.deepEqual(codes, [0, 0, 3]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
