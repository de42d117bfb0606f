import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { messageSpool } from "./message-spool.ts";

const MESSAGE = {
  id: "0197c7a0-0000-7000-8000-000000000001",
  channel: "sms",
  to: "13900000000",
  subject: "办件",
  body: "有新文书",
} as const;

test("each message is one file that its owner alone can read; the same again is the same file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-spool-"));
  try {
    const spool = await messageSpool(join(folder, "outgoing"));
    assert.deepEqual(await spool.send(MESSAGE), { sent: true });
    assert.deepEqual(await spool.send(MESSAGE), { sent: true });
    assert.deepEqual((await readdir(join(folder, "outgoing"))).sort(), [`${MESSAGE.id}.json`, "README.txt"]);
    const path = join(folder, "outgoing", `${MESSAGE.id}.json`);
    assert.deepEqual(JSON.parse(await readFile(path, "utf8")), MESSAGE);
    if (process.platform !== "win32") assert.equal((await stat(path)).mode & 0o777, 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a message that is no message is not taken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-spool-"));
  try {
    const spool = await messageSpool(folder);
    assert.equal((await spool.send({ ...MESSAGE, id: "../../etc/passwd" })).sent, false);
    assert.equal((await spool.send({ ...MESSAGE, body: "x".repeat(70_000) })).sent, false);
  } finally {
    await rm(folder, { recursive: true });
  }
});
