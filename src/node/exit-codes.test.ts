import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Fault } from "#kernel/errors/fault";
import "#kernel/database/faults";
import { text } from "#lib/language/text";
import { ConfigurationFault } from "./configuration.ts";
import { EXIT_CODES, exitCodeOf, explain } from "./exit-codes.ts";
import { ROOT } from "./program.ts";

describe("exit codes", () => {
  test("are distinct", () => {
    const numbers = Object.values(EXIT_CODES);
    assert.equal(new Set(numbers).size, numbers.length);
  });

  test("follow from faults, the system's errors and their causes", () => {
    assert.equal(exitCodeOf(new Fault("ERR_PORT_TAKEN")), EXIT_CODES.PORT_TAKEN);
    assert.equal(exitCodeOf(Object.assign(new Error("no space"), { code: "ENOSPC" })), EXIT_CODES.DISK_FULL);
    const cause = new Fault("ERR_DATABASE_DISK_FULL");
    assert.equal(exitCodeOf(new Fault("ERR_MIGRATION_FAILED", { cause })), EXIT_CODES.DISK_FULL);
    assert.equal(exitCodeOf(new Error("wrapped", { cause: new Fault("ERR_KEY_MATERIAL") })), EXIT_CODES.KEY_MATERIAL);
    assert.equal(exitCodeOf(new Error("a defect")), EXIT_CODES.FAILED);
    assert.equal(exitCodeOf("not an error"), EXIT_CODES.FAILED);
  });

  test("come with an explanation in both languages that says what and which", () => {
    const { zh, en } = explain(new Fault("ERR_PORT_TAKEN", { message: "127.0.0.1:8080" }));
    assert.equal(zh, "端口已被占用：127.0.0.1:8080 [ERR_PORT_TAKEN]");
    assert.equal(en, "The port is taken: 127.0.0.1:8080 [ERR_PORT_TAKEN]");
    assert.match(explain(new Error("odd")).en, /odd/);
    const wrong = explain(
      new ConfigurationFault([{ variable: "ZHENGTONG_PORT", problem: text("不是端口", "no port") }]),
    );
    assert.equal(wrong.zh, "配置有误：ZHENGTONG_PORT: 不是端口 [ERR_CONFIGURATION]", "each language once");
    assert.equal(wrong.en, "The configuration is wrong: ZHENGTONG_PORT: no port [ERR_CONFIGURATION]");
  });

  test("the launcher, which cannot import them, uses the same", async () => {
    const launcher = await readFile(join(ROOT, "zhengtong.mjs"), "utf8");
    assert.match(launcher, new RegExp(`const EXIT_RUNTIME = ${EXIT_CODES.RUNTIME};`));
  });
});
