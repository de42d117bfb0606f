import assert from "node:assert/strict";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openFileKeys } from "./file-key-store.ts";
import { changePassphrase, nodeKeyKeeping } from "./node-key.ts";

const FIRST = "correct horse battery";
const SECOND = "石头 剪刀 布 石头 剪刀 布";
const none = async () => undefined;
const given = (passphrase: string) => async () => passphrase;

describe("the key of a node", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-node-key-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (passphrase: string) => openFileKeys(folder, { passphrase: given(passphrase) });
  const snapshot = async () =>
    Promise.all(
      (await readdir(folder)).sort().map(async (name) => [name, (await readFile(join(folder, name))).toString("hex")]),
    );

  it("is made under the passphrase that is given, and nothing in the folder opens it", async () => {
    const keys = await open(FIRST);
    const made = await keys.store.ensureKey("person/one", "p256");
    assert.equal(keys.store.warning, undefined);
    assert.equal(await nodeKeyKeeping(folder), "passphrase");
    assert.ok(!(await readdir(folder)).includes("node.key"));
    const again = await open(FIRST);
    assert.deepEqual(again.secrets.wrapping("data").current, keys.secrets.wrapping("data").current);
    assert.deepEqual(await again.store.findKey("person/one"), made);
    const { kdf } = JSON.parse(await readFile(join(folder, "node-key.json"), "utf8"));
    assert.deepEqual([kdf.name, kdf.memoryKib, kdf.passes, kdf.lanes], ["argon2id", 65_536, 3, 4]);
  });

  it("is one when two processes make it at once", async () => {
    const [one, two] = await Promise.all([open(FIRST), open(FIRST)]);
    assert.deepEqual(one.secrets.wrapping("data").current, two.secrets.wrapping("data").current);
  });

  it("opens with the passphrase alone, also where a killed write had left the key beside its file", async () => {
    await openFileKeys(folder);
    await copyFile(join(folder, "node.key"), join(folder, "node.key.0123456789ab.draft"));
    await changePassphrase(folder, { old: none, next: FIRST });
    assert.deepEqual(await readdir(folder), ["node-key.json"]);
    await copyFile(join(folder, "node-key.json"), join(folder, "node-key.json.0123456789ab.draft"));
    await changePassphrase(folder, { old: given(FIRST), next: SECOND });
    assert.deepEqual(await readdir(folder), ["node-key.json"], "nothing opens with the passphrase before");
  });

  it("stays closed to a wrong passphrase, to none and to an absurd one; nothing changes", async () => {
    await open(FIRST);
    const before = await snapshot();
    for (const passphrase of [given(SECOND), given("x".repeat(2_000)), none]) {
      await assert.rejects(openFileKeys(folder, { passphrase }), { code: "ERR_TRUST_PASSPHRASE" });
      await assert.rejects(changePassphrase(folder, { old: passphrase, next: SECOND }), {
        code: "ERR_TRUST_PASSPHRASE",
      });
    }
    await assert.rejects(changePassphrase(folder, { old: given(FIRST), next: "short" }), {
      code: "ERR_TRUST_PASSPHRASE",
    });
    assert.deepEqual(await snapshot(), before);
    await open(FIRST);
  });

  it("is sealed anew under another passphrase; keys and derived secrets stay", async () => {
    const keys = await open(FIRST);
    await keys.store.ensureKey("person/one", "ed25519");
    await changePassphrase(folder, { old: given(FIRST), next: SECOND });
    await assert.rejects(open(FIRST), { code: "ERR_TRUST_PASSPHRASE" });
    const again = await open(SECOND.normalize("NFD"));
    assert.deepEqual(again.secrets.wrapping("data").current, keys.secrets.wrapping("data").current);
    assert.equal((await again.store.sign("person/one", new Uint8Array(3))).length, 64);
  });

  it("lies beside the keys on a demonstration alone: any other node makes and opens none like this", async () => {
    const refused = { code: "ERR_TRUST_KEY_BESIDE" };
    await assert.rejects(openFileKeys(folder, { demonstration: false }), refused);
    assert.deepEqual(await readdir(folder), [], "nothing was made");
    await openFileKeys(folder);
    for (const passphrase of [none, given(FIRST)])
      await assert.rejects(openFileKeys(folder, { passphrase, demonstration: false }), refused);
    await changePassphrase(folder, { old: none, next: FIRST });
    await openFileKeys(folder, { passphrase: given(FIRST), demonstration: false });
  });

  it("moves from the open file under a passphrase, also when it was interrupted", async () => {
    const keys = await openFileKeys(folder);
    assert.match(keys.store.warning?.en ?? "", /demonstration alone/);
    await copyFile(join(folder, "node.key"), join(folder, "kept"));
    await changePassphrase(folder, { old: none, next: FIRST });
    assert.equal(await nodeKeyKeeping(folder), "passphrase");
    // Killed after the sealed key was written, before the open one went.
    await copyFile(join(folder, "kept"), join(folder, "node.key"));
    assert.match((await open(FIRST)).store.warning?.en ?? "", /interrupted/);
    await changePassphrase(folder, { old: none, next: SECOND });
    assert.equal(await nodeKeyKeeping(folder), "passphrase");
    assert.deepEqual((await open(SECOND)).secrets.wrapping("data").current, keys.secrets.wrapping("data").current);
  });

  it("is not asked of a damaged file, nor of one that would take all memory", async () => {
    await open(FIRST);
    const path = join(folder, "node-key.json");
    const whole = await readFile(path, "utf8");
    for (const damaged of [
      "",
      "{}",
      "null",
      whole.slice(9),
      whole.replace("argon2id", "scrypt"),
      whole.replace(/"nonce": "../, '"nonce": "'),
    ]) {
      await writeFile(path, damaged);
      await assert.rejects(open(FIRST), { code: "ERR_TRUST_KEY_FILE" });
    }
    for (const kib of ["99999999", "1e400", "-1", '"x"', "1.5"]) {
      await writeFile(path, whole.replace("65536", kib));
      await assert.rejects(open(FIRST), { code: "ERR_TRUST_PASSPHRASE" });
    }
  });
});
