import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { isFault } from "#kernel/errors/fault";
import { dataFolderHolder, holdDataFolder } from "./data-folder.ts";
import { processIdentity } from "./process-identity.ts";

let base: string;
let path: string;
let count = 0;
before(async () => {
  base = await mkdtemp(join(tmpdir(), "zhengtong-data-"));
});
after(() => rm(base, { recursive: true }));
beforeEach(() => {
  count += 1;
  path = join(base, `data-${count}`);
});

describe("a data folder", () => {
  test("is made for its owner alone, also where it was open before", async () => {
    await mkdir(path, { mode: 0o755 });
    const held = await holdDataFolder(path);
    for (const folder of [path, held.keys, held.files]) assert.equal((await stat(folder)).mode & 0o777, 0o700);
    await held.release();
    assert.deepEqual(await readdir(path), ["files", "keys", "lock.1"]);
  });

  test("is held by one at a time, who is named", async () => {
    const held = await holdDataFolder(path);
    const refused = (error: unknown) =>
      isFault(error, "ERR_DATA_FOLDER_IN_USE") && error.message.includes(`PID ${process.pid}`);
    await assert.rejects(holdDataFolder(path), refused);
    assert.equal((await dataFolderHolder(path))?.pid, process.pid);
    await held.release();
    assert.equal(await dataFolderHolder(path), undefined);
    await (await holdDataFolder(path)).release();
  });

  test("is free again when its process is gone, whatever has its number now", async () => {
    for (const lock of [
      JSON.stringify({ pid: 2 ** 22 + 1, identity: "gone", since: "" }),
      JSON.stringify({ pid: process.pid, identity: "of an earlier process", since: "" }),
      "",
      "{",
    ]) {
      await mkdir(path, { recursive: true });
      await writeFile(join(path, "lock.3"), lock);
      await (await holdDataFolder(path)).release();
    }
  });

  test("goes to exactly one of many who find a stale lock", async () => {
    await mkdir(path);
    await writeFile(join(path, "lock.3"), JSON.stringify({ pid: 2 ** 22 + 1, identity: "gone", since: "" }));
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => holdDataFolder(path)));
    const held = outcomes.filter((outcome) => outcome.status === "fulfilled");
    assert.equal(held.length, 1);
    await held[0]?.value.release();
  });

  test("that cannot be made is a fault that names it", async () => {
    await writeFile(join(base, "a-file"), "");
    await assert.rejects(holdDataFolder(join(base, "a-file", "data")), (error: unknown) =>
      isFault(error, "ERR_DATA_FOLDER"),
    );
  });
});

describe("the identity of a process", () => {
  test("is the same as long as it runs, and is none when it does not", async () => {
    const identity = await processIdentity(process.pid);
    assert.ok(identity !== undefined);
    assert.equal(await processIdentity(process.pid), identity);
    assert.equal(await processIdentity(2 ** 22 + 1), undefined);
  });
});
