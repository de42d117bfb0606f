import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { checkpointSigner } from "./checkpoint-signer.ts";
import type { LedgerEntry } from "./entry.ts";
import { ledgerKeys } from "./keys.ts";
import { LEDGER_MIGRATIONS, Ledger } from "./ledger.ts";
import { ROUND_MAX_ENTRIES } from "./limits.ts";
import { loadState, runRound } from "./round.ts";

const signer = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(4)));
const keys = ledgerKeys({ masterKey: () => new Uint8Array(32).fill(6) });
const ENTRY: LedgerEntry = {
  type: "act",
  at: "2026-03-02T01:00:00Z",
  room: "quality",
  operation: "submit",
  actor: { kind: "person", id: "p" },
  purpose: "own-affairs",
  legalBasis: [],
  subjects: [],
  outcome: "done",
};

const databases: TestDatabase[] = [];
after(() => Promise.all(databases.map((made) => made.close())));

async function opened(): Promise<{ database: TestDatabase["database"]; url: string; ledger: Ledger }> {
  const made = await testDatabase({ migrations: [LEDGER_MIGRATIONS] });
  databases.push(made);
  return { database: made.database, url: made.url, ledger: new Ledger({ database: made.database, signer, keys }) };
}

async function logged(database: TestDatabase["database"]): Promise<readonly number[]> {
  const rows = await database.query<{ id: number }>(
    "SELECT unnest(entry_ids) AS id FROM ledger.checkpoint ORDER BY size",
  );
  return rows.map(({ id }) => id);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await condition()) return;
    await sleep(50);
  }
  assert.fail("waited half a minute in vain");
}

describe("the sequencer", () => {
  test("an entry of a long transaction is neither lost nor overtaken", async () => {
    const { database, ledger } = await opened();
    const late = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = database.transaction(async (tx) => {
      const ids = await ledger.append(tx, [ENTRY]);
      begun.resolve();
      await late.promise;
      return ids;
    });
    await begun.promise;
    const [quick] = await ledger.append(database, [ENTRY]);
    assert.equal(await ledger.sequenceNow(0), 0, "nothing behind an open transaction is final");
    late.resolve();
    const [held] = await slow;
    assert.equal(await ledger.sequenceNow(), 2);
    assert.deepEqual(await logged(database), [held, quick]);
  });

  test("many writers, every entry once", async () => {
    const { database, ledger } = await opened();
    ledger.start();
    const written: number[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let turn = 0; turn < 25; turn++) {
          if (turn % 5 === 4) {
            // An act that fails leaves a gap in the ids and nothing in the log.
            await database
              .transaction(async (tx) => {
                await ledger.append(tx, [ENTRY]);
                throw new Error("undone");
              })
              .catch(() => undefined);
          }
          written.push(
            ...(await ledger.append(
              database,
              Array.from({ length: 1 + (writer % 3) }, () => ENTRY),
            )),
          );
        }
      }),
    );
    await until(async () => (await ledger.checkpoint())?.size === written.length);
    await ledger.stop();
    const found = await logged(database);
    assert.equal(new Set(found).size, found.length);
    assert.deepEqual(
      [...found].sort((a, b) => a - b),
      [...written].sort((a, b) => a - b),
    );
    assert.deepEqual((await ledger.verify()).findings, []);
  });

  test("two sequencers cannot fork the log", async () => {
    const { database, ledger } = await opened();
    await ledger.append(database, [ENTRY]);
    const one = await loadState(database, signer);
    const other = await loadState(database, signer);
    // A transaction of another test on the same cluster may hold entries back: then a round has nothing to do yet.
    let report: { readonly size: number } | undefined;
    await until(async () => {
      report = (await runRound(database, one)).report;
      return report !== undefined;
    });
    assert.equal(report?.size, 1);
    await ledger.append(database, [ENTRY]);
    await assert.rejects(until(async () => (await runRound(database, other)).report !== undefined));
    assert.equal(await ledger.sequenceNow(), 2);
    assert.deepEqual((await ledger.verify()).findings, []);
  });

  test("another process takes over while entries arrive and sequencers are killed", async () => {
    const { database, url, ledger } = await opened();
    const root = join(import.meta.dirname, "../../..");
    const code = `
      import { openDatabase } from "./src/kernel/database/database.ts";
      import { checkpointSigner } from "./src/kernel/ledger/checkpoint-signer.ts";
      import { Sequencer } from "./src/kernel/ledger/sequencer.ts";
      import { ed25519FromSeed } from "./src/lib/crypto/keys.ts";
      const signer = checkpointSigner("ledger.example/qingyuan", ed25519FromSeed(new Uint8Array(32).fill(4)));
      const database = await openDatabase({ url: ${JSON.stringify(url)} });
      new Sequencer({ database, signer, onCheckpoint: () => process.stdout.write(".") }).start();`;
    let writing = true;
    let written = 0;
    const writer = (async () => {
      while (writing) written += (await ledger.append(database, [ENTRY, ENTRY])).length;
    })();
    for (let kill = 0; kill < 3; kill++) {
      const args = ["--input-type=module-typescript", "--no-warnings", "-e", code];
      const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
      for (let seen = 0; seen < 4; ) seen += String((await once(child.stdout, "data"))[0]).length;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    writing = false;
    await writer;
    // The server notices by and by that a killed process has gone, and lets its lock go.
    await until(async () => (await ledger.sequenceNow()) === written);
    const found = await logged(database);
    assert.equal(new Set(found).size, written);
    assert.deepEqual((await ledger.verify()).findings, []);
  });

  test("rounds are bounded", async () => {
    const { database, ledger } = await opened();
    const total = ROUND_MAX_ENTRIES + 300;
    for (let at = 0; at < total; at += 500) {
      await ledger.append(
        database,
        Array.from({ length: Math.min(500, total - at) }, () => ENTRY),
      );
    }
    assert.equal(await ledger.sequenceNow(), total);
    const rows = await database.query<{ size: number }>("SELECT size FROM ledger.checkpoint ORDER BY size");
    const sizes = rows.map(({ size }) => size);
    assert.ok(sizes.length >= 3 && sizes[0] === 0 && sizes.at(-1) === total, "more than one round");
    for (const [at, size] of sizes.slice(1).entries()) {
      assert.ok(size - (sizes[at] ?? 0) <= ROUND_MAX_ENTRIES, `a round took ${size - (sizes[at] ?? 0)} entries`);
    }
    const receipt = await ledger.receiptFor((await ledger.entryAtIndex(ROUND_MAX_ENTRIES))?.id ?? 0);
    assert.equal(receipt?.log?.index, ROUND_MAX_ENTRIES);
  });

  test("a ledger restored into another cluster goes on", async () => {
    const { database, ledger } = await opened();
    await ledger.append(database, [ENTRY]);
    await ledger.sequenceNow();
    // What a restored backup looks like: an entry whose transaction number this cluster has not reached.
    await database.query(
      `INSERT INTO ledger.entry (leaf, xid, sealed, actor, case_ref)
       SELECT leaf, '4000000000', sealed, actor, case_ref FROM ledger.entry`,
    );
    assert.equal(await ledger.sequenceNow(), 2, "the restored entry is final");
    const ids = await ledger.append(database, [ENTRY, ENTRY]);
    assert.equal(await ledger.sequenceNow(), 4);
    assert.deepEqual((await logged(database)).slice(2), ids);
    assert.equal(await ledger.indexOf(ids[1] ?? 0), 3);
    assert.deepEqual((await ledger.verify()).findings, []);
  });
});
