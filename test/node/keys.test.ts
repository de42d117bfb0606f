import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openTrust } from "../../src/infrastructure/trust/ports.ts";
import { EXIT_CODES } from "../../src/node/exit-codes.ts";
import { ROOT } from "../../src/node/program.ts";

interface Ended {
  readonly code: number;
  readonly output: string;
}

describe("zhengtong keys", () => {
  let data = "";
  let first = "";
  let second = "";

  before(async () => {
    data = await mkdtemp(join(tmpdir(), "zhengtong-keys-"));
    [first, second] = [join(data, "first"), join(data, "second")];
    await writeFile(first, "the first passphrase\n", { mode: 0o600 });
    await writeFile(second, "the second passphrase\n", { mode: 0o600 });
    await openTrust({ folder: join(data, "keys"), operator: "清源县（演示）", at: "2026-11-21T08:00:00Z" });
  });
  after(() => rm(data, { recursive: true }));

  function zhengtong(
    args: readonly string[],
    settings: Readonly<Record<string, string>> = {},
    input = "",
  ): Promise<Ended> {
    const environment = { ...process.env, ZHENGTONG_DATA: data, ...settings };
    return new Promise((resolve) => {
      const command = [process.execPath, "zhengtong.mjs", ...args];
      // The shell gives what stands on its input as descriptor 3, as a service manager would.
      const child = execFile(
        "sh",
        ["-c", '"$@" 3<&0 </dev/null', "sh", ...command],
        { cwd: ROOT, env: environment },
        (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, output: out + err }),
      );
      child.stdin?.end(input);
    });
  }

  test("puts the keys of a node under a passphrase, changes it, and opens them with it alone", async () => {
    assert.match((await zhengtong(["keys"])).output, /0600[\s\S]*Set a passphrase/);
    const set = await zhengtong(["keys", "passphrase", "--new", first]);
    assert.equal(set.code, EXIT_CODES.OK, set.output);
    assert.match(set.output, /argon2id/);
    assert.ok(!(await readdir(join(data, "keys"))).includes("node.key"));

    const closed = await zhengtong(["verify", first]);
    assert.equal(closed.code, EXIT_CODES.PASSPHRASE, closed.output);
    assert.match(closed.output, /口令缺失或不正确[\s\S]*passphrase is missing or wrong/);
    const wrong = await zhengtong(["keys", "passphrase", "--new", first], { ZHENGTONG_KEYS_PASSPHRASE_FILE: second });
    assert.equal(wrong.code, EXIT_CODES.PASSPHRASE, wrong.output);

    const changed = await zhengtong(
      ["keys", "passphrase", "--new", second],
      { ZHENGTONG_KEYS_PASSPHRASE_FILE: "3" },
      "the first passphrase\n",
    );
    assert.equal(changed.code, EXIT_CODES.OK, changed.output);
    const opened = await zhengtong(["verify", first], { ZHENGTONG_KEYS_PASSPHRASE_FILE: second });
    assert.notEqual(opened.code, EXIT_CODES.PASSPHRASE, opened.output);
  });

  test("says how it is used, and what is wrong with a file of a passphrase", async () => {
    assert.equal((await zhengtong(["keys", "passphrase"])).code, EXIT_CODES.USAGE);
    assert.equal((await zhengtong(["keys", "destroy"])).code, EXIT_CODES.USAGE);
    const missing = await zhengtong(["keys", "passphrase", "--new", join(data, "nowhere")]);
    assert.equal(missing.code, EXIT_CODES.KEY_MATERIAL);
    assert.match(missing.output, /nowhere/);
  });
});
