import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";

const ROOT = dirname(dirname(import.meta.dirname));

function succeeds(tool: string, args: readonly string[]): void {
  const program = join(ROOT, "node_modules", ".bin", process.platform === "win32" ? `${tool}.cmd` : tool);
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  assert.equal(status, 0, `${tool} ${args.join(" ")}\n${error ?? ""}${stdout}${stderr}`);
}

describe("the source", () => {
  test("is formatted and passes the linter", () =>
    succeeds("biome", ["ci", "--diagnostic-level=error", "--colors=off"]));
  test("has right types", () => succeeds("tsc", ["--noEmit", "--project", "tsconfig.json"]));
  test("has right types where it runs in a browser", () =>
    succeeds("tsc", ["--noEmit", "--project", "packages/verifier/tsconfig.json"]));
});
