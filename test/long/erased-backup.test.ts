/** What was erased when its time was over is in no backup from before either: its key went, and no backup has it. */
import assert from "node:assert/strict";
import { cp, glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type TestDatabase, testDatabase } from "#kernel/database/testing";
import type { LedgerEntry } from "#kernel/ledger/entry";
import { ledgerKeys } from "#kernel/ledger/keys";
import { Ledger } from "#kernel/ledger/ledger";
import { PeriodKeys } from "#kernel/ledger/period-keys";
import type { DataKeys, KeyMaterial } from "#kernel/ports";
import { sealedParts } from "#kernel/resealing/parts";
import { keepHouse } from "#kernel/services/housekeeping";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import { createBackup } from "../../src/node/backup/create.ts";
import { restoreBackup } from "../../src/node/backup/restore.ts";
import { ensureRegisters } from "../../src/node/compose.ts";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { type TestNode, testNode } from "../../src/node/testing.ts";
import populationSystem from "../../src/resources/population/system.ts";

const NOW = "2026-03-02T08:00:00.000Z";
/** Whatever day it is, the three years of March 2026 are over. */
const YEARS_LATER = new Date(Date.now() + 4 * 366 * 24 * 3_600_000).toISOString();
const SYSTEMS = [directorySystem, populationSystem];

function generation(fill: number) {
  return { id: `k${String(fill).repeat(12)}`, secret: new Uint8Array(32).fill(fill), suite: "international" } as const;
}

const [first, second] = [generation(1), generation(2)];
let dataKeys: DataKeys = { current: first, all: [first], destroyed: new Set() };
const material: KeyMaterial = { masterKey: () => new Uint8Array(32).fill(6), dataKeys: () => dataKeys };
let folder: string;
let node: TestNode;
let read: number;
let decided: number;
const databases: TestDatabase[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-erased-"));
  node = await testNode({ systems: SYSTEMS, keys: material, now: NOW });
  const { ledger, database } = node.kernel;
  [read = 0] = await ledger.append(database, [entry("read")]);
  [decided = 0] = await ledger.append(database, [entry("decision")]);
  await ledger.append(database, [entry("read"), entry("decision"), entry("refused")]);
  await ledger.sequenceNow();
});
after(async () => {
  for (const each of databases) await each.close();
  await node.close();
  await rm(folder, { recursive: true });
});

function entry(type: LedgerEntry["type"]): LedgerEntry {
  return {
    ...{ type, at: NOW, room: "population", operation: "findPerson", purpose: "case" },
    ...{ actor: { kind: "official", id: "official-1" }, legalBasis: [], outcome: "answered" },
    subjects: [{ kind: "person", id: "person-1", attributes: ["name"] }],
  };
}

async function backUp(name: string): Promise<string> {
  const target = join(folder, name);
  const dataFolder = { keys: join(folder, "keys"), files: join(folder, "files") };
  await createBackup({ database: node.kernel.database, dataFolder, target, now: node.kernel.now() });
  return target;
}

/** The ledger of a backup, as a node of a day has it. */
async function restored(backup: string, at: { now: string; periodKeys?: string }): Promise<Ledger> {
  const made = await testDatabase();
  databases.push(made);
  const place = join(folder, `restored-${databases.length}`);
  await restoreBackup({
    ...{ database: made.database, backup, ...at },
    dataFolder: { keys: join(place, "keys"), files: join(place, "files") },
    migrationSets: await migrationSets(),
    makeRegisters: (database) => ensureRegisters(database, SYSTEMS),
  });
  const periods = new PeriodKeys({
    ...{ database: made.database, material, now: () => at.now },
    ...{ yearsOf: () => undefined, classes: [] },
  });
  await periods.tend();
  const { ledger } = node.kernel;
  const signer = { origin: ledger.origin, verifierKey: ledger.verifierKey, sign: async () => assert.fail("not asked") };
  return new Ledger({ database: made.database, signer, periods, keys: ledgerKeys(material, periods) });
}

const idsOfKeys = async () =>
  (
    await node.kernel.database.query<{ name: string }>(
      `SELECT DISTINCT convert_from(substr(sealed, 3, get_byte(sealed, 1)), 'UTF8') AS name FROM ledger.entry
       WHERE octet_length(sealed) > 2 AND id >= $1 ORDER BY 1`,
      [read],
    )
  ).map(({ name }) => name);

test("a backup opens with the keys of today what has not had its time, and nothing else, and its proofs hold", async () => {
  assert.deepEqual(await idsOfKeys(), [first.id, `${first.id}-3y202603`]);
  const backup = await backUp("early");
  const names = (await readFile(join(backup, "manifest.json"), "utf8")).match(/period_key/g);
  assert.equal(names, null, "no backup has the keys");
  const [file = ""] = await Array.fromAsync(glob("period-keys-*.json", { cwd: folder }));
  const kept = join(folder, file);
  const early = join(folder, "a-copy-that-should-not-be");
  await cp(kept, early);

  const soon = await restored(backup, { now: NOW });
  assert.equal((await soon.entry(read))?.content?.purpose, "case");
  assert.deepEqual((await soon.verify()).findings, []);

  // Without the keys, before their time is over, what they open is missing, and verification says so; pages go on.
  const without = await restored(backup, { now: NOW, periodKeys: join(folder, "nothing") });
  assert.equal((await without.entry(read))?.content, undefined);
  assert.equal((await without.entry(decided))?.content?.purpose, "case");
  assert.ok((await without.verify()).findings.some(({ row }) => row === String(read)));

  // The data keys rotate: what is sealed anew stays by its period's key, and the backup from before opens still.
  dataKeys = { current: second, all: [first, second], destroyed: new Set() };
  await node.kernel.ledger.periods?.tend();
  const part = sealedParts(node.kernel, []).find(({ name }) => name === "ledger.entry.sealed");
  const step = await node.kernel.database.transaction(async (tx) => part?.step(tx, 0));
  assert.ok((step?.resealed ?? 0) >= 5 && step?.closed === 0);
  const again = await node.kernel.database.transaction(async (tx) => part?.step(tx, 0));
  assert.equal(again?.resealed, 0, "what is sealed by the key of now is left alone");
  assert.deepEqual(await idsOfKeys(), [second.id, `${second.id}-3y202603`]);
  await backUp("late");
  const afterRotation = await restored(backup, { now: NOW });
  assert.equal((await afterRotation.entry(read))?.content?.purpose, "case");

  // The years are over.
  node.setNow(YEARS_LATER);
  const done = await keepHouse(node.kernel);
  assert.ok(done.contents >= 3 && done.periodKeys >= 1, JSON.stringify(done));
  assert.equal((await node.kernel.ledger.entry(read))?.content, undefined);
  const { records } = await node.kernel.ledger.byActor({ kind: "node", id: "ledger" }, { limit: 50 });
  const named = records
    .filter(({ leaf }) => leaf.operation === "period-key-destroyed")
    .map(({ content }) => content?.detail);
  assert.deepEqual(
    named.filter((detail) => JSON.stringify(detail).includes("3y202603")),
    [{ period: "3y202603" }],
  );
  await backUp("after");

  // Restored from before, with the file of today and with a copy of the file from then.
  for (const periodKeys of [kept, early]) {
    const late = await restored(backup, { now: YEARS_LATER, periodKeys });
    assert.equal((await late.entry(read))?.content, undefined, periodKeys);
    assert.equal((await late.entry(decided))?.content?.purpose, "case", "what is kept for good is there");
    const verified = await late.verify();
    assert.deepEqual(verified.findings, [], "the proofs hold");
    assert.ok(verified.erased >= 3, "and it says what was erased");
    assert.deepEqual((await late.receiptFor(read))?.content, { erased: true });
  }
});

test("the file of another node is neither replaced nor used", async () => {
  const [file = ""] = await Array.fromAsync(glob("period-keys-*.json", { cwd: folder }));
  const path = join(folder, file);
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/"node": "[^"]+"/, '"node": "00000000"'));
  await assert.rejects(backUp("never"), { code: "ERR_BACKUP_PERIOD_KEYS" });
  await writeFile(path, "{}");
  await assert.rejects(backUp("never"), { code: "ERR_BACKUP_DAMAGED" });
  await writeFile(path, text);
});
