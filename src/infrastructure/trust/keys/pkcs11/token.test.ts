import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isFault } from "#kernel/errors/fault";
import { parseNote } from "#lib/merkle/note";
import { openTrust } from "../../ports.ts";
import { openFileKeys } from "../file-key-store.ts";
import { changePassphrase, moveIntoToken, nodeKeyKeeping } from "../node-key.ts";
import { Token } from "./token.ts";

const MODULE = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"].find(existsSync);
const skip = MODULE === undefined && "softhsm2 is not installed";
const PIN = "1234-5678";
const DATA = Buffer.from("准予行政许可决定书");
const BOUND = Buffer.from("node key");

describe("a PKCS #11 token", { skip }, () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "zhengtong-token-"));
    await mkdir(join(folder, "tokens"));
    const configuration = join(folder, "softhsm2.conf");
    await writeFile(configuration, `directories.tokendir = ${join(folder, "tokens")}\nobjectstore.backend = file\n`);
    process.env["SOFTHSM2_CONF"] = configuration;
    execFileSync("softhsm2-util", [
      ...["--init-token", "--free", "--label", "zhengtong", "--so-pin", "87654321", "--pin", PIN],
    ]);
  });
  after(() => rm(folder, { recursive: true }));
  const open = (pin: string | undefined = PIN, label = "zhengtong") =>
    new Token({ module: MODULE ?? "", label, pin: async () => pin });

  test("makes keys that sign inside it, the same for everyone who opens it", async () => {
    for (const algorithm of ["p256", "ed25519"] as const) {
      const token = open();
      const label = `seal/990121-scjg/${algorithm}`;
      assert.equal(await token.find(label), undefined);
      assert.equal(await token.sign(label, DATA), undefined);
      const [one, again] = await Promise.all([token.ensure(label, algorithm), token.ensure(label, algorithm)]);
      assert.deepEqual(again, one);
      assert.deepEqual(await open().find(label), one);
      const signature = await token.sign(label, DATA);
      const key = createPublicKey({ key: Buffer.from(one.info), format: "der", type: "spki" });
      assert.ok(verify(algorithm === "p256" ? "sha256" : null, DATA, key, signature ?? Buffer.alloc(0)));
    }
  });

  test("seals with a key that does not leave it", async () => {
    const token = open();
    const sealed = await token.seal("node", DATA, BOUND);
    assert.deepEqual(Buffer.from(await open().open("node", sealed, BOUND)), DATA);
    for (const [changed, bound] of [
      [Buffer.concat([sealed.subarray(0, -1), Buffer.of((sealed.at(-1) ?? 0) ^ 1)]), BOUND],
      [sealed, Buffer.from("elsewhere")],
    ] as const) {
      await assert.rejects(token.open("node", changed, bound), (error) => isFault(error, "ERR_TRUST_TOKEN"));
    }
    assert.deepEqual(Buffer.from(await token.open("node", sealed, BOUND)), DATA, "and goes on after that");
  });

  test("holds a node's key and its signing keys: the folder alone opens nothing, and the token's keys are not in it", async () => {
    const keys = join(folder, "keys");
    const token = { module: MODULE ?? "", label: "zhengtong" };
    const options = { token, passphrase: async () => PIN, demonstration: false };
    const { store, secrets } = await openFileKeys(keys, options);
    assert.equal(await nodeKeyKeeping(keys), "token");
    assert.equal(store.warning, undefined);
    const made = await store.ensureKey("ledger/checkpoint", "ed25519");
    const national = await store.ensureKey("ledger/checkpoint-sm2", "sm2");
    const signature = await store.sign("ledger/checkpoint", DATA);
    const key = createPublicKey({ key: Buffer.from(made.info), format: "der", type: "spki" });
    assert.ok(verify(null, DATA, key, signature));
    assert.ok((await store.sign("ledger/checkpoint-sm2", DATA)).length > 60);
    assert.equal((await readdir(keys)).filter((name) => name.endsWith(".sealed")).length, 1, "the one of SM2");

    const again = await openFileKeys(keys, options);
    assert.deepEqual(again.secrets.staying, secrets.staying);
    assert.deepEqual(await again.store.findKey("ledger/checkpoint"), made);
    assert.deepEqual(await again.store.findKey("ledger/checkpoint-sm2"), national);
    const without = openFileKeys(keys, { passphrase: async () => PIN });
    await assert.rejects(without, (error) => isFault(error, "ERR_TRUST_TOKEN"));
    const elsewhere = join(folder, "in-a-file");
    await openFileKeys(elsewhere);
    await assert.rejects(openFileKeys(elsewhere, { ...options, demonstration: true }), (error) =>
      isFault(error, "ERR_TRUST_TOKEN"),
    );
    const change = changePassphrase(keys, { old: async () => PIN, next: "another passphrase" });
    await assert.rejects(change, (error) => isFault(error, "ERR_TRUST_TOKEN"));
  });

  test("takes in the key of a node that began without it; what was sealed opens on, and the old means no more", async () => {
    const keys = join(folder, "moved");
    const token = { module: MODULE ?? "", label: "zhengtong" };
    const passphrase = async () => "correct horse battery";
    const before = await openFileKeys(keys, { passphrase });
    const made = await before.store.ensureKey("seal/one", "p256");
    const sealing = new Token({ ...token, pin: async () => PIN });
    await assert.rejects(
      moveIntoToken(keys, { passphrase: async () => "another passphrase", token: sealing }),
      (error) => isFault(error, "ERR_TRUST_PASSPHRASE"),
    );
    assert.equal(await nodeKeyKeeping(keys), "passphrase", "nothing has changed");
    for (const _ of ["once", "and again, as after a crash"]) {
      await moveIntoToken(keys, { passphrase, token: sealing });
      assert.equal(await nodeKeyKeeping(keys), "token");
    }
    assert.ok(!(await readdir(keys)).includes("node-key.json"));
    const after = await openFileKeys(keys, { token, passphrase: async () => PIN });
    assert.deepEqual(after.secrets.staying, before.secrets.staying);
    assert.deepEqual(await after.store.findKey("seal/one"), made);
    await after.store.ensureKey("seal/two", "p256");
    assert.equal(
      (await readdir(keys)).filter((name) => name.endsWith(".sealed")).length,
      1,
      "new keys are the token's",
    );
    await assert.rejects(openFileKeys(keys, { passphrase }), (error) => isFault(error, "ERR_TRUST_TOKEN"));
  });

  test("a move that was killed before its end is told, and ended by the token that holds the key alone", async () => {
    const keys = join(folder, "half-moved");
    const token = { module: MODULE ?? "", label: "zhengtong" };
    const sealing = new Token({ ...token, pin: async () => PIN });
    const { secrets } = await openFileKeys(keys);
    await copyFile(join(keys, "node.key"), join(folder, "node.key"));
    await moveIntoToken(keys, { passphrase: async () => undefined, token: sealing });
    // As it was when the token had the key, and the file was not removed yet.
    await copyFile(join(folder, "node.key"), join(keys, "node.key"));
    await copyFile(join(folder, "node.key"), join(keys, "node.key.0123456789ab.draft"));
    const half = await openFileKeys(keys, { token, passphrase: async () => PIN });
    assert.match(half.store.warning?.en ?? "", /into-token again/);
    assert.deepEqual(half.secrets.staying, secrets.staying);
    execFileSync("softhsm2-util", [
      ...["--init-token", "--free", "--label", "another", "--so-pin", "87654321", "--pin", PIN],
    ]);
    const another = new Token({ ...token, label: "another", pin: async () => PIN });
    await assert.rejects(moveIntoToken(keys, { passphrase: async () => undefined, token: another }), (error) =>
      isFault(error, "ERR_TRUST_TOKEN"),
    );
    assert.ok((await readdir(keys)).includes("node.key"), "what opens it stays where the token does not");
    await moveIntoToken(keys, { passphrase: async () => undefined, token: sealing });
    assert.deepEqual(await readdir(keys), ["node-key-token.json"]);
    const whole = await openFileKeys(keys, { token, passphrase: async () => PIN });
    assert.equal(whole.store.warning, undefined);
    assert.deepEqual(whole.secrets.staying, secrets.staying);
  });

  test("holds all the keys of a node's trust: certificates are issued and notes signed in it", async () => {
    const token = { module: MODULE ?? "", label: "zhengtong" };
    const about = { operator: "清源县", at: "2026-11-18T02:00:00Z", passphrase: async () => PIN, token };
    const { hierarchy, checkpointSigner } = await openTrust({ ...about, folder: join(folder, "trust") });
    const root = new X509Certificate(hierarchy.root);
    assert.ok(root.verify(root.publicKey), "the root signed itself in the token");
    const noteText = "log\n1\nAAAA\n";
    const note = parseNote(`${noteText}\n${await checkpointSigner.sign(noteText)}`);
    assert.ok(note && note.signatures.length >= 2, "Ed25519 by the token, SM2 by the file");
    await assert.rejects(openTrust({ ...about, folder: join(folder, "trust"), token: { ...token, label: "gone" } }));
  });

  test("says what is wrong: no such token, no PIN, no module", async () => {
    for (const token of [open(PIN, "elsewhere"), open("")]) {
      await assert.rejects(token.ensure("a", "p256"), (error) => isFault(error, "ERR_TRUST_TOKEN"));
    }
    assert.throws(
      () => new Token({ module: "/nowhere.so", label: "a", pin: async () => PIN }),
      (error) => isFault(error, "ERR_TRUST_TOKEN") && error.message.includes("/nowhere.so"),
    );
  });
});
