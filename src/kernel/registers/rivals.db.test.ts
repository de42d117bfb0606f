import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Database, Transaction } from "../database/sql.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { isFault } from "../errors/fault.ts";
import type { IndexKeys } from "../ports.ts";
import { registerIndexParts } from "../resealing/index-parts.ts";
import { indexKeyId, openVault } from "../vault/vault.ts";
import { ImportFault } from "./import-fault.ts";
import { actAt, ensureResidents, REGISTER_MIGRATIONS, RESIDENT, type Resident, resident } from "./register-fixture.ts";
import { openRegister } from "./register-store.ts";

const AT = "2026-01-31T00:00:00.000Z";
const key = (fill: number) => {
  const secret = new Uint8Array(32).fill(fill);
  return { id: indexKeyId(secret), secret, suite: "national", acceptedUntil: Number.POSITIVE_INFINITY } as const;
};
const [OLD, NEW] = [key(4), key(5)];

/** A process: what it knows of the keys, it knows by itself. */
function processThatKnows(keys: IndexKeys) {
  const vault = openVault({ masterKey: () => new Uint8Array(32).fill(3), indexKeys: () => keys });
  const store = openRegister({ room: "test-room", name: "resident", declaration: RESIDENT, vault });
  const handle = (tx: Transaction) =>
    store.handle({
      ...{ reader: () => tx, writer: async () => tx, act: actAt(AT), authority: "清源县公安局", note: () => undefined },
    });
  return {
    store,
    put: (database: Database, value: Resident) => database.transaction((tx) => handle(tx).put(value)),
    putIn: (tx: Transaction, value: Resident) => handle(tx).put(value),
    find: (database: Database, number: string) =>
      database.transaction(async (tx) => (await handle(tx).find({ number })).items.length),
    retire: (database: Database, entry: string) => database.transaction((tx) => handle(tx).retire(entry)),
    import: (database: Database, values: readonly Resident[], duplicates: "refuse" | "skip") =>
      database.transaction((tx) =>
        store.importEntries(
          { tx, act: actAt(AT), authority: "清源县公安局" },
          values.map((value) => ({ value })),
          { duplicates },
        ),
      ),
  };
}

const before_ = processThatKnows({ current: OLD, all: [OLD] });
const waiting = processThatKnows({ current: OLD, all: [OLD, NEW] });
const turned = processThatKnows({ current: NEW, all: [OLD, NEW] });
const after_ = processThatKnows({ current: NEW, all: [NEW] });
const number = (at: number) => `9901021990${String(at).padStart(7, "0")}X`;
const isTaken = (error: unknown) => isFault(error, "ERR_REGISTER_NOT_UNIQUE");

const RESEALING = { scope: "resealing", folder: `${import.meta.dirname}/../resealing/migrations` };

let at: TestDatabase;
before(async () => {
  at = await testDatabase({ migrations: [...REGISTER_MIGRATIONS, RESEALING] });
  await ensureResidents(at.database);
});
after(() => at.close());

describe("while the index key changes", () => {
  test("what one generation wrote is found by the other, and stays unique", async () => {
    const { database } = at;
    await before_.put(database, resident({ number: number(1) }));
    assert.equal(await turned.find(database, number(1)), 1);
    await assert.rejects(turned.put(database, resident({ number: number(1) })), isTaken);
    await turned.put(database, resident({ number: number(2) }));
    assert.equal(await waiting.find(database, number(2)), 1);
    await assert.rejects(waiting.put(database, resident({ number: number(2) })), isTaken);
  });

  test("what ended may be had again, and an entry may be written over its own former value", async () => {
    const { database } = at;
    const entry = await before_.put(database, resident({ number: number(3) }));
    await before_.retire(database, entry);
    await turned.put(database, resident({ number: number(3) }));
    await assert.rejects(waiting.put(database, resident({ number: number(3) })), isTaken);
  });

  test("of two that write one value at once, one before and one after it heard of the turn, one is refused", async () => {
    const { database } = at;
    for (let round = 10; round < 16; round += 1) {
      const outcomes = await Promise.allSettled([
        waiting.put(database, resident({ number: number(round) })),
        turned.put(database, resident({ number: number(round) })),
      ]);
      const refused = outcomes.filter((one) => one.status === "rejected");
      assert.equal(refused.length, 1);
      assert.ok(isTaken((refused[0] as PromiseRejectedResult).reason));
    }
  });

  test("an import skips, or refuses, what stands there in another form", async () => {
    const { database } = at;
    const values = [resident({ number: number(1) }), resident({ number: number(20) })];
    assert.deepEqual(await turned.import(database, values, "skip"), { imported: 1, skipped: 1, skippedLines: [1] });
    await assert.rejects(turned.import(database, [resident({ number: number(1) })], "refuse"), ImportFault);
  });

  test("an import sees at its end what another wrote in another form meanwhile", async () => {
    const { database } = at;
    const going = Promise.withResolvers<void>();
    const looked = Promise.withResolvers<void>();
    async function* rows() {
      yield { value: resident({ number: number(30) }) };
      looked.resolve();
      await going.promise;
    }
    const importing = database.transaction((tx) =>
      turned.store.importEntries({ tx, act: actAt(AT), authority: "清源县公安局" }, rows(), { duplicates: "refuse" }),
    );
    await looked.promise;
    await waiting.put(database, resident({ number: number(30) }));
    going.resolve();
    await assert.rejects(importing, ImportFault);
  });

  test("all is found by the new key alone when it was written anew; what was changed behind its back is named, not repaired", async () => {
    const { database } = at;
    const parts = registerIndexParts(turned.store);
    let rewritten = 0;
    for (const part of parts) {
      for (let position = 0, size = 1; position < size; ) {
        const step = await database.transaction((tx) => part.step(tx, position));
        [position, size] = [step.position, step.size];
        rewritten += step.resealed;
        assert.equal(step.closed, 0);
      }
    }
    assert.ok(rewritten > 0);
    for (const each of [1, 2, 3, 10, 20]) assert.equal(await after_.find(database, number(each)), 1, number(each));
    for await (const damaged of after_.store.damagedVersions(database)) assert.fail(JSON.stringify(damaged));
    for (const part of parts) {
      const again = await database.transaction((tx) => part.step(tx, 0));
      assert.equal(again.resealed, 0);
    }
  });
});
