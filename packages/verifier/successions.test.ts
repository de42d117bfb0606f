import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseLogKey } from "./src/checkpoint.ts";
import { verifyFile } from "./src/verify-file.ts";

interface Vectors {
  readonly cases: readonly {
    readonly why: string;
    readonly expect: string;
    readonly code: string;
    readonly logKey?: string;
    readonly successions?: readonly string[];
    readonly file: string;
  }[];
}

const FILE = join(import.meta.dirname, "../../conformance/vectors/successions.json");
const { cases } = JSON.parse(readFileSync(FILE, "utf8")) as Vectors;

describe("a log whose key was followed by another", () => {
  assert.ok(cases.length > 0);
  for (const { why, expect, code, logKey, successions, file } of cases) {
    test(why, async () => {
      const report = await verifyFile(new TextEncoder().encode(file), {
        ...{ roots: [], atMs: 0, successions },
        logKey: logKey === undefined ? undefined : parseLogKey(logKey),
      });
      assert.equal(report.verdict, expect, JSON.stringify(report.findings));
      assert.ok(
        report.findings.some((finding) => finding.code === code),
        JSON.stringify(report.findings),
      );
    });
  }

  test("the command takes what a node serves beside its key", () => {
    const folder = mkdtempSync(join(tmpdir(), "zhengtong-verifier-"));
    try {
      const [last] = cases;
      const served = cases.find(({ code }) => code === "successions");
      writeFileSync(join(folder, "checkpoint"), last?.file ?? "");
      writeFileSync(join(folder, "successions.json"), served?.file ?? "");
      const run = (...more: readonly string[]) =>
        spawnSync(
          process.execPath,
          [
            ...["--no-warnings", join(import.meta.dirname, "verify.ts"), join(folder, "checkpoint")],
            ...["--log-key", last?.logKey ?? "", ...more],
          ],
          { encoding: "utf8" },
        );
      assert.equal(run().status, 1);
      const followed = run("--successions", join(folder, "successions.json"));
      assert.equal(followed.status, 0, followed.stdout);
      assert.match(followed.stdout, /日志密钥更替过 2 次/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
