import assert from "node:assert/strict";
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { zstdDecompressSync } from "node:zlib";
import { type TestDatabase, testDatabase } from "../../src/kernel/database/testing.ts";
import { isFault } from "../../src/kernel/errors/fault.ts";
import type { LedgerEntry } from "../../src/kernel/ledger/entry.ts";
import { openArchive } from "../../src/node/backup/archive.ts";
import { createBackup } from "../../src/node/backup/create.ts";
import { type RestoreRequest, restoreBackup } from "../../src/node/backup/restore.ts";
import { ensureRegisters } from "../../src/node/compose.ts";
import { migrationSets } from "../../src/node/migration-sets.ts";
import { type CountyNode, countyNode } from "../rooms/county-node.ts";

const NOW = "2026-03-02T08:00:00.000Z";

let folder: string;
let county: CountyNode;
let backup: string;
const databases: TestDatabase[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-backup-"));
  county = await countyNode();
  await county.kernel.ledger.append(
    county.kernel.database,
    Array.from({ length: 300 }, (_, index) => entry(index)),
  );
  await county.kernel.ledger.sequenceNow();
  for (const [file, content] of [
    ["keys/master.secret", "a secret"],
    ["files/ab/cdef", "a file"],
  ] as const) {
    await mkdir(join(folder, "source", file, ".."), { recursive: true });
    await writeFile(join(folder, "source", file), content);
  }
  backup = await backUp("whole");
});
after(async () => {
  for (const each of databases) await each.close();
  await county.close();
  await rm(folder, { recursive: true });
});

function at(name: string) {
  return { keys: join(folder, name, "keys"), files: join(folder, name, "files") };
}

async function backUp(name: string, database = county.kernel.database, source = "source"): Promise<string> {
  const target = join(folder, `backup-${name}`);
  await createBackup({ database, dataFolder: at(source), target, now: NOW });
  return target;
}

async function restore(name: string, from: string, changes: Partial<RestoreRequest> = {}): Promise<TestDatabase> {
  const made = await testDatabase();
  databases.push(made);
  await restoreBackup({
    database: made.database,
    dataFolder: at(name),
    backup: from,
    now: NOW,
    migrationSets: await migrationSets(),
    makeRegisters: (database) => ensureRegisters(database, [...county.kernel.systems.values()]),
    ...changes,
  });
  return made;
}

/** What the tables hold, by table, whatever the order of their rows. */
async function contents(path: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { tables } = await openArchive(path);
  const entries = tables.map(async ({ file }) => {
    const lines = zstdDecompressSync(await readFile(join(path, file)))
      .toString("latin1")
      .split("\n")
      .sort();
    return [file, lines] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function entry(index: number): LedgerEntry {
  return {
    type: "read",
    at: NOW,
    room: "population",
    operation: "findPerson",
    actor: { kind: "official", id: "official-1" },
    purpose: "case",
    legalBasis: [],
    subjects: [{ kind: "person", id: `person-${index}`, attributes: ["name"] }],
    outcome: "answered",
  };
}

const fault = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(isFault(error, code as `ERR_${string}`), String(error));
  assert.match(error.message, pattern);
  return true;
};

describe("a backup", () => {
  test("holds the registers, the ledger, files and keys, and nobody else may read it", async () => {
    const manifest = await openArchive(backup);
    const rows = new Map(manifest.tables.map((table) => [`${table.schema}.${table.name}`, table.rows]));
    assert.ok(
      [...rows.values()].some((count) => count >= 5_000),
      "the county has 5,000 persons",
    );
    assert.ok((rows.get("ledger.entry") ?? 0) > 0);
    assert.ok(manifest.checkpoint !== null);
    assert.equal((await stat(backup)).mode & 0o777, 0o700);
    assert.equal((await stat(join(backup, "keys/master.secret"))).mode & 0o777, 0o600);
  });

  test("is not written over another", async () => {
    await assert.rejects(backUp("whole"), fault("ERR_BACKUP_TARGET", /backup-whole/));
  });

  test("restored, is the same node", async () => {
    const restored = await restore("restored", backup);
    const again = await contents(await backUp("again", restored.database, "restored"));
    const before = await contents(backup);
    assert.deepEqual(Object.keys(again), Object.keys(before));
    for (const [table, rows] of Object.entries(before)) assert.ok(isDeepStrictEqual(again[table], rows), table);
    // In another cluster, transaction numbers count from anew: the ledger's next era.
    const [era] = await restored.database.query(
      `SELECT column_default FROM information_schema.columns
        WHERE table_schema = 'ledger' AND table_name = 'entry' AND column_name = 'era'`,
    );
    assert.deepEqual(era, { column_default: "2" });
  });

  test("is not restored where there is something already", async () => {
    const target = databases.at(-1);
    assert.ok(target);
    const database = { database: target.database };
    await assert.rejects(restore("elsewhere", backup, database), fault("ERR_BACKUP_TARGET", /schema/));
    await assert.rejects(restore("source", backup), fault("ERR_BACKUP_TARGET", /keys/));
  });

  for (const [what, damage, named] of [
    [
      "a changed table",
      (path: string) => appendFile(join(path, "database/ledger.entry.copy.zst"), "x"),
      /ledger\.entry/,
    ],
    ["a missing file", (path: string) => rm(join(path, "files/ab/cdef")), /files\/ab\/cdef is missing/],
    ["a surplus key", (path: string) => writeFile(join(path, "keys/other"), ""), /keys\/other is not listed/],
    [
      "a changed manifest",
      (path: string) => appendFile(join(path, "manifest.json"), " "),
      /manifest\.json was changed/,
    ],
    ["no list of digests", (path: string) => rm(join(path, "SHA256SUMS")), /SHA256SUMS is missing/],
  ] as const) {
    test(`with ${what} is refused, and leaves the target empty`, async () => {
      const damaged = join(folder, `damaged-${named.source.length}`);
      await cp(backup, damaged, { recursive: true });
      await damage(damaged);
      await assert.rejects(restore(`from-${named.source.length}`, damaged), fault("ERR_BACKUP_DAMAGED", named));
      const [row] = (await databases.at(-1)?.database.query("SELECT to_regnamespace('ledger') AS ledger")) ?? [];
      assert.deepEqual(row, { ledger: null });
      await rm(damaged, { recursive: true });
    });
  }

  test("of a ledger that was tampered with is refused, though its digests are right", async () => {
    const tampered = await restore("tampered", backup);
    await tampered.database.transaction(async (tx) => {
      await tx.script("SET LOCAL session_replication_role = replica");
      await tx.execute("UPDATE ledger.entry SET leaf = leaf || '\\x20' WHERE id = (SELECT min(id) FROM ledger.entry)");
    });
    const path = await backUp("tampered", tampered.database, "tampered");
    await assert.rejects(restore("after-tampering", path), fault("ERR_BACKUP_DAMAGED", /not the one that was signed/));
    await assert.rejects(stat(join(folder, "after-tampering/keys/master.secret")), { code: "ENOENT" });
  });

  test("must contain what a checkpoint kept elsewhere signed", async () => {
    const manifest = await openArchive(backup);
    const [origin, size, , ...rest] = manifest.checkpoint?.split("\n") ?? [];
    const forked = [origin, size, Buffer.alloc(32, 7).toString("base64"), ...rest].join("\n");
    await assert.rejects(restore("forked", backup, { checkpoints: [forked] }), fault("ERR_BACKUP_DAMAGED", /signed/));
    const later = [origin, String(Number(size) + 1), Buffer.alloc(32, 7).toString("base64"), ...rest].join("\n");
    await assert.rejects(
      restore("older", backup, { checkpoints: [later] }),
      fault("ERR_BACKUP_DAMAGED", /a checkpoint signed/),
    );
  });
});
