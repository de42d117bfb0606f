import assert from "node:assert/strict";
import { cp, link, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type TestDatabase, testDatabase } from "#kernel/database/testing";
import { isFault } from "#kernel/errors/fault";
import { LEDGER_MIGRATIONS } from "#kernel/ledger/ledger";
import { openVault } from "#kernel/vault/vault";
import { utf8 } from "#lib/crypto/bytes";
import { INTERNATIONAL_CHOICE } from "#lib/crypto/purposes";
import { openDataKeys } from "./data-keys.ts";
import { carryKeys, openFileKeys } from "./file-key-store.ts";
import { holdNodeKey, liveProcesses } from "./key-processes.ts";
import { openNodeKeys } from "./membership-keys.ts";
import { changePassphrase, openNodeKey, replaceNodeKey } from "./node-key.ts";
import { NodeSecrets } from "./node-secrets.ts";
import { renewNodeKey } from "./renewal.ts";

const AT = "2026-11-18T02:00:00.000Z";
const PASSPHRASE = "correct horse battery";
const migrations = [LEDGER_MIGRATIONS, { scope: "trust", folder: `${import.meta.dirname}/../migrations` }];
const LABELS = { "seal/one": "p256", "ledger/one": "ed25519", "seal/two": "sm2", "ledger/two": "hybrid" } as const;
const DATA = utf8("准予行政许可决定书");

describe("renewing the key of a node", () => {
  let at: TestDatabase | undefined;
  let place = "";
  const anew = async () => {
    await at?.close();
    at = await testDatabase({ migrations });
  };
  before(async () => {
    place = await mkdtemp(join(tmpdir(), "zhengtong-renewal-"));
  });
  after(async () => {
    await at?.close();
    await rm(place, { recursive: true });
  });

  const suites = INTERNATIONAL_CHOICE;
  const opened = async (folder: string, passphrase?: string) => {
    const { store, secrets } = await openFileKeys(folder, { passphrase: async () => passphrase });
    const { material } = await openDataKeys({ database: at?.database ?? assert.fail(), secrets, suites, at: AT });
    const tls = await openNodeKeys({ store, folder, secrets, suites, compromised: async () => new Set() }).tlsKey();
    return { store, secrets, vault: openVault(material), tls: tls.privateKey };
  };
  const renewal = (folder: string, passphrase?: string) => ({
    ...{ folder, passphrase: async () => passphrase, database: at?.database ?? assert.fail(), suites, at: AT },
    record: async () => undefined,
  });
  const known = async ({ store, vault, tls }: Awaited<ReturnType<typeof opened>>) => ({
    keys: await Promise.all(Object.keys(LABELS).map((label) => store.findKey(label))),
    tls,
    blind: vault.blind("name", "堃犇喆"),
  });

  test("everything opens as before under the new key, and the old key opens nothing, however it is kept", async () => {
    for (const passphrase of [undefined, PASSPHRASE]) {
      const folder = join(place, passphrase === undefined ? "file" : "passphrase");
      await anew();
      const first = await opened(folder, passphrase);
      for (const [label, algorithm] of Object.entries(LABELS)) await first.store.ensureKey(label, algorithm);
      const sealed = first.vault.seal("file", DATA, "x");
      const before = await known(first);
      const old = await openNodeKey(folder, async () => passphrase);
      // The second one has everything carried already.
      for (const dataKeys of [1, 1]) {
        const { signingKeys, ...renewed } = await renewNodeKey(renewal(folder, passphrase));
        assert.deepEqual([signingKeys, renewed.dataKeys], [4, dataKeys]);
        const next = await opened(folder, passphrase);
        assert.equal(next.secrets.isBeingRenewed, false);
        assert.deepEqual(await known(next), before, "keys, indexes and names are the same");
        assert.deepEqual(next.vault.open("file", sealed, "x"), DATA);
        for (const label of Object.keys(LABELS)) assert.ok((await next.store.sign(label, DATA)).length > 60);
      }
      const stolen = join(place, `stolen-${passphrase === undefined}`);
      await cp(folder, stolen, { recursive: true });
      await rm(join(stolen, "node-key.json"), { force: true });
      await writeFile(join(stolen, "node.key"), old, { mode: 0o600 });
      await assert.rejects(opened(stolen), (error) => isFault(error, "ERR_TRUST_KEY_FILE"));
      const { store } = await openFileKeys(stolen);
      await assert.rejects(store.findKey("seal/one"), (error) => isFault(error, "ERR_TRUST_KEY_FILE"));
    }
  });

  test("ended at any moment, the node opens all of it, makes keys, and the next call goes on", async () => {
    const folder = join(place, "interrupted");
    await anew();
    const first = await opened(folder);
    for (const [label, algorithm] of Object.entries(LABELS)) await first.store.ensureKey(label, algorithm);
    const before = await known(first);
    const sealed = first.vault.seal("file", DATA, "x");
    const plain = async () => undefined;
    const begun = first.secrets.begun(new Uint8Array(32).fill(9));
    await replaceNodeKey(folder, begun, { passphrase: plain });
    const during = await opened(folder);
    assert.ok(during.secrets.isBeingRenewed);
    assert.deepEqual(await known(during), before);
    const madeThen = await during.store.ensureKey("person/made", "p256");
    assert.equal(await carryKeys(folder, during.secrets), 5);
    const carrying = await opened(folder);
    assert.deepEqual(await known(carrying), before);
    assert.deepEqual(await carrying.store.findKey("person/made"), madeThen);
    await renewNodeKey(renewal(folder));
    await renewNodeKey(renewal(folder));
    const after = await opened(folder);
    assert.deepEqual(await known(after), before);
    assert.deepEqual(await after.store.findKey("person/made"), madeThen);
    assert.deepEqual(after.vault.open("file", sealed, "x"), DATA);
    assert.equal((await readFile(join(folder, "node.key"))).length, 64);
  });

  test("what killed writes left of the old key's files goes with it", async () => {
    const folder = join(place, "drafts");
    await anew();
    await (await opened(folder)).store.ensureKey("seal/one", "p256");
    const files = await readdir(folder);
    // Killed between its two steps, a write leaves the same bytes under both names.
    for (const file of files) await link(join(folder, file), join(folder, `${file}.0123456789ab.draft`));
    await renewNodeKey(renewal(folder));
    assert.deepEqual((await readdir(folder)).toSorted(), files.toSorted());
  });

  test("it is on record with what it changes, or not done: whoever ends it in between has both", async () => {
    const folder = join(place, "record");
    await anew();
    const before = await known(await opened(folder));
    const record = async () => {
      throw new Error("the ledger is out of reach");
    };
    await assert.rejects(renewNodeKey({ ...renewal(folder), record }), /out of reach/);
    const during = await opened(folder);
    assert.ok(during.secrets.isBeingRenewed, "the old key is not gone before it is on record");
    assert.deepEqual(await known(during), before);
    let recorded = 0;
    await renewNodeKey({
      ...renewal(folder),
      record: async () => {
        recorded += 1;
      },
    });
    assert.equal(recorded, 1);
    assert.deepEqual(await known(await opened(folder)), before);
  });

  test("beside processes that run: each takes the new key before anything is under it, and what they make meanwhile opens", async () => {
    const folder = join(place, "running");
    await anew();
    const { database } = at ?? assert.fail();
    const processes = [];
    for (const name of ["one", "other"]) {
      const { store, secrets, nodeKey } = await openFileKeys(folder);
      const { make } = await openDataKeys({ database, secrets, suites, at: AT, follow: () => nodeKey.follow() });
      const faults: unknown[] = [];
      const end = await holdNodeKey({ database, nodeKey, onFault: (fault) => faults.push(fault) });
      processes.push({ name, store, secrets, nodeKey, make, faults, end });
    }
    const [one, other] = processes as [(typeof processes)[number], (typeof processes)[number]];
    await one.store.ensureKey("seal/before", "p256");
    const old = one.secrets.name;
    let going = true;
    const made: string[] = [];
    const making = processes.map(async ({ name, store }) => {
      for (let count = 0; going; count += 1) {
        await store.ensureKey(`made/${name}-${count}`, "ed25519");
        made.push(`made/${name}-${count}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    const renewed = await renewNodeKey(renewal(folder));
    going = false;
    await Promise.all(making);
    assert.equal(renewed.processes, 2);
    assert.ok(made.length > 0);
    assert.ok(one.secrets.name !== old && other.secrets.name === one.secrets.name);
    const fresh = await openFileKeys(folder);
    assert.equal(fresh.secrets.isBeingRenewed, false);
    for (const label of ["seal/before", ...made]) {
      const expected = await fresh.store.findKey(label);
      assert.ok(expected);
      for (const { store } of processes) assert.deepEqual(await store.findKey(label), expected);
    }
    await Promise.all(processes.map(({ nodeKey }) => nodeKey.follow()));
    assert.ok(processes.every(({ secrets, faults }) => !secrets.isBeingRenewed && faults.length === 0));
    for (const { end } of processes) await end();
    assert.deepEqual(await liveProcesses(database), []);
  });

  test("waits for a process that cannot follow, and goes on when it was started anew", async () => {
    const folder = join(place, "behind");
    await anew();
    const { database } = at ?? assert.fail();
    const { store, secrets, nodeKey } = await openFileKeys(folder, { passphrase: async () => PASSPHRASE });
    await openDataKeys({ database, secrets, suites, at: AT });
    const end = await holdNodeKey({ database, nodeKey, onFault: () => undefined });
    const changed = "another passphrase";
    await changePassphrase(folder, { old: async () => PASSPHRASE, next: changed });
    const late = await store.ensureKey("seal/late", "p256");
    const impatient = { ...renewal(folder, changed), followTimeoutMs: 300 };
    await assert.rejects(renewNodeKey(impatient), (error) => isFault(error, "ERR_TRUST_KEY_PROCESSES"));
    const later = await store.ensureKey("seal/later", "ed25519");
    const during = await openFileKeys(folder, { passphrase: async () => changed });
    assert.ok(during.secrets.isBeingRenewed, "the old key is not gone: something may be put under it still");
    assert.deepEqual(await during.store.findKey("seal/later"), later);
    await end();
    assert.equal((await renewNodeKey(renewal(folder, changed))).processes, 0);
    const after = await openFileKeys(folder, { passphrase: async () => changed });
    assert.equal(after.secrets.isBeingRenewed, false);
    assert.deepEqual([await after.store.findKey("seal/late"), await after.store.findKey("seal/later")], [late, later]);
  });

  test("a key of another length is none", () => {
    for (const size of [0, 31, 33, 63, 65, 95, 97, 128])
      assert.throws(
        () => new NodeSecrets(new Uint8Array(size)),
        (error) => isFault(error, "ERR_TRUST_KEY_FILE"),
      );
  });
});
