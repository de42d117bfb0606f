import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isFault } from "#kernel/errors/fault";
import { nodeSecret } from "./secrets.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-secrets-"));
});
after(() => rm(folder, { recursive: true }));

const refused = (pattern: RegExp) => (error: unknown) =>
  isFault(error, "ERR_KEY_MATERIAL") && pattern.test((error as Error).message);

describe("a secret of the node", () => {
  test("is made once, for its owner alone, and stays", async () => {
    const made = await Promise.all([1, 2, 3].map(() => nodeSecret(folder, "master", { sizeBytes: 32, mayMake: true })));
    assert.equal(made[0]?.length, 32);
    assert.deepEqual(made[1], made[0]);
    assert.deepEqual(await nodeSecret(folder, "master", { sizeBytes: 32, mayMake: false }), made[0]);
    assert.equal((await stat(join(folder, "master.secret"))).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["master.secret"]);
  });

  test("that is missing is not replaced where it was in use", async () => {
    await assert.rejects(nodeSecret(folder, "gone", { sizeBytes: 32, mayMake: false }), refused(/gone.*missing/));
  });

  test("that others can read, or of another size, is refused", async () => {
    await writeFile(join(folder, "open.secret"), "AAAA\n", { mode: 0o600 });
    await assert.rejects(nodeSecret(folder, "open", { sizeBytes: 32, mayMake: true }), refused(/32 bytes/));
    await chmod(join(folder, "open.secret"), 0o640);
    await assert.rejects(nodeSecret(folder, "open", { sizeBytes: 3, mayMake: true }), refused(/chmod 600/));
  });
});
