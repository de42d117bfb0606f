import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type TestDatabase, testDatabase } from "#kernel/database/testing";
import { isFault } from "#kernel/errors/fault";
import { LEDGER_MIGRATIONS } from "#kernel/ledger/ledger";
import { openVault } from "#kernel/vault/vault";
import { utf8 } from "#lib/crypto/bytes";
import type { SuiteChoice } from "#lib/crypto/purposes";
import { addDataKey, lockDataKeys, moveDataKey, readDataKeys } from "./data-key-rows.ts";
import { openDataKeys } from "./data-keys.ts";
import { KEY_STATES, type KeyState, mayBecome } from "./life-cycle.ts";
import { NodeSecrets } from "./node-secrets.ts";

const AT = "2026-11-18T02:00:00.000Z";
const ACT = { at: AT, by: { kind: "node", id: "test" }, reason: "test" };
const NATIONAL: SuiteChoice = { suite: "national", postQuantum: false };
const INTERNATIONAL: SuiteChoice = { suite: "international", postQuantum: false };
const migrations = [LEDGER_MIGRATIONS, { scope: "trust", folder: `${import.meta.dirname}/../migrations` }];
const secretsOf = (node: number) => new NodeSecrets(new Uint8Array(32).fill(node));

describe("the register of data keys", () => {
  let at: TestDatabase;
  before(async () => {
    at = await testDatabase({ migrations });
  });
  after(() => at.close());

  const open = (suites = NATIONAL, node = 1) =>
    openDataKeys({ database: at.database, secrets: secretsOf(node), suites, at: AT });

  test("processes that start at once share the first key, in the node's suite", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const vault = openVault(one.material);
    const sealed = vault.seal("file", utf8("堃"), "x");
    assert.equal(sealed[0], 3, "SM4-GCM");
    assert.deepEqual(openVault(other.material).open("file", sealed, "x"), utf8("堃"));
    assert.deepEqual(openVault(other.material).blind("a", "1"), vault.blind("a", "1"));
    assert.equal((await readDataKeys(at.database, "seal")).length, 1);
  });

  test("a key that another process makes opens here before it seals anywhere, and goes on sealing what it sealed", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const [mine, theirs] = [openVault(one.material), openVault(other.material)];
    const old = theirs.seal("file", utf8("old"), "x");
    const made = one.make("seal");
    await at.database.transaction(async (tx) => {
      await lockDataKeys(tx);
      await addDataKey(tx, made, { ...ACT, kind: "seal", generation: 2, activeFrom: AT });
    });
    await Promise.all([one.refresh(), other.refresh()]);
    assert.notEqual(mine.keyId, made.id, "not yet");
    const [first] = await readDataKeys(at.database, "seal");
    await at.database.transaction(async (tx) => {
      await moveDataKey(tx, { id: first?.id ?? "", kind: "seal" }, "deactivated", ACT);
      await moveDataKey(tx, { id: made.id, kind: "seal" }, "active", ACT);
    });
    await one.refresh();
    const sealed = mine.seal("file", utf8("new"), "x");
    assert.equal(mine.keyId, made.id);
    assert.deepEqual(theirs.open("file", sealed, "x"), utf8("new"), "it has not looked again, and knows the key");
    assert.deepEqual(mine.open("file", old, "x"), utf8("old"));
  });

  test("another node's key opens nothing, and says so", async () => {
    await assert.rejects(open(NATIONAL, 2), (error) => isFault(error, "ERR_TRUST_KEY_FILE"));
  });

  test("a node that held data keeps its key, and reads on", async () => {
    const older = await testDatabase({ migrations });
    try {
      await older.database.execute("INSERT INTO ledger.entry (leaf) VALUES ('x')");
      const before = openVault({ masterKey: () => secretsOf(3).staying });
      const { material } = await openDataKeys({
        ...{ database: older.database, secrets: secretsOf(3), suites: INTERNATIONAL, at: AT },
      });
      const vault = openVault(material);
      assert.deepEqual(vault.open("file", before.seal("file", utf8("old"), "x"), "x"), utf8("old"));
      assert.deepEqual(vault.blind("a", "1"), before.blind("a", "1"));
      assert.equal(vault.keyId, before.keyId);
    } finally {
      await older.close();
    }
  });

  test("the table holds the life cycle that the code tells", async () => {
    const keys = await open();
    let generation = 10;
    for (const from of KEY_STATES) {
      for (const to of KEY_STATES) {
        const allowed = await at.database
          .transaction(async (tx) => {
            const made = keys.make("seal");
            generation += 1;
            // There is one active and one waiting key: the others make room.
            await tx.execute("DROP INDEX trust.data_key_active, trust.data_key_next");
            await addDataKey(tx, made, { ...ACT, kind: "seal", generation, activeFrom: AT });
            for (const step of wayTo(from)) await moveDataKey(tx, { id: made.id, kind: "seal" }, step, ACT);
            const moved = await tx
              .attempt(() => moveDataKey(tx, { id: made.id, kind: "seal" }, to, ACT))
              .then(
                () => true,
                () => false,
              );
            throw new Outcome(moved);
          })
          .catch((error: unknown) => {
            if (error instanceof Outcome) return error.moved;
            throw error;
          });
        assert.equal(allowed, from === to || mayBecome(from, to), `${from} → ${to}`);
      }
    }
    await assert.rejects(at.database.execute("DELETE FROM trust.data_key"));
  });
});

/** Carries an answer out of a transaction that is undone. */
class Outcome extends Error {
  readonly moved: boolean;

  constructor(moved: boolean) {
    super("undo");
    this.moved = moved;
  }
}

function wayTo(state: KeyState): readonly KeyState[] {
  switch (state) {
    case "pre-active":
      return [];
    case "active":
      return ["active"];
    case "destroyed":
      return ["active", "deactivated", "destroyed"];
    default:
      return ["active", state];
  }
}
