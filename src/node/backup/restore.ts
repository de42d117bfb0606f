import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { compose } from "node:stream";
import { createZstdDecompress } from "node:zlib";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import { type MigrationSet, migrate, readMigrations } from "#kernel/database/migrations";
import type { Database, Transaction } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { migrateJobs } from "#kernel/jobs/jobs";
import { sha256Hex } from "#lib/crypto/digest";
import { type Text, text } from "#lib/language/text";
import type { DataFolder } from "../data-folder.ts";
import { type BackupManifest, extractFolder, filesUnder, openArchive } from "./archive.ts";
import { checkLedgerTree } from "./ledger-tree.ts";
import { nodeOfCheckpoint, PERIOD_KEY_TABLE, restorePeriodKeys, usualPeriodKeys } from "./period-keys.ts";
import { copyTarget, listTables, quoted } from "./tables.ts";

export interface RestoreRequest {
  readonly database: Database;
  readonly dataFolder: Pick<DataFolder, "files" | "keys">;
  readonly backup: string;
  /** ISO 8601: keys of periods that have ended by then are not put back. */
  readonly now: string;
  /** The file of the ledger's period keys; the one beside the backup where absent. */
  readonly periodKeys?: string | undefined;
  readonly migrationSets: readonly MigrationSet[];
  /** Makes the tables that follow from contracts: the registers. Called when the migrations have run. */
  readonly makeRegisters?: (database: Database) => Promise<void>;
  /** Signed checkpoints that were kept elsewhere: the restored log must contain each. */
  readonly checkpoints?: readonly string[];
  readonly report?: (progress: Text) => void;
}

/**
 * Restores a backup into an empty node and checks the log against the backup's checkpoint. Rows come in one transaction, after the
 * files that they name; what fails leaves the target as empty as it was.
 * @throws ERR_BACKUP_DAMAGED, ERR_BACKUP_TARGET, ERR_BACKUP_PERIOD_KEYS
 */
export async function restoreBackup(request: RestoreRequest): Promise<BackupManifest> {
  const { database, dataFolder, backup, report } = request;
  const manifest = await openArchive(backup);
  report?.(text("备份完整，开始恢复", "The backup is whole; restoring it"));
  await checkEmpty(database, dataFolder);
  try {
    await makeTables(request, manifest);
    await extractFolder(backup, "keys", dataFolder.keys);
    await extractFolder(backup, "files", dataFolder.files);
    await database.transaction((tx) => fill(tx, request, manifest), {
      timeoutMs: LONG_TRANSACTION_TIMEOUT_MS,
      retries: 0,
    });
  } catch (error) {
    await dropSchemas(database);
    for (const folder of [dataFolder.keys, dataFolder.files]) {
      for (const file of await filesUnder(folder)) await rm(join(folder, file), { force: true });
    }
    throw error;
  }
  return manifest;
}

async function checkEmpty(database: Database, dataFolder: RestoreRequest["dataFolder"]): Promise<void> {
  const [schema] = await ownSchemas(database);
  if (schema !== undefined) throw new Fault("ERR_BACKUP_TARGET", { message: `the database has the schema ${schema}` });
  for (const folder of [dataFolder.keys, dataFolder.files]) {
    if ((await filesUnder(folder)).length > 0) throw new Fault("ERR_BACKUP_TARGET", { message: folder });
  }
}

async function ownSchemas(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')",
  );
  return rows.map(({ name }) => name);
}

/** All of them were made by this restore: there were none before. */
async function dropSchemas(database: Database): Promise<void> {
  for (const schema of await ownSchemas(database)) await database.execute(`DROP SCHEMA ${quoted(schema)} CASCADE`);
}

/** The tables as they were when the backup was made; what newer versions changed is migrated afterwards, with the rows. */
async function makeTables(
  { database, migrationSets, makeRegisters }: RestoreRequest,
  manifest: BackupManifest,
): Promise<void> {
  const here = new Map(
    (await readMigrations(migrationSets)).map((each) => [`${each.scope}/${each.number}`, sha256Hex(each.text)]),
  );
  const wanted = new Set<string>();
  for (const { scope, number, digest } of manifest.migrations) {
    const name = `${scope}/${number}`;
    if (here.get(name) !== digest) {
      throw new Fault("ERR_BACKUP_DAMAGED", {
        message: `it needs the migration ${name}, which this version does not have`,
      });
    }
    wanted.add(name);
  }
  await migrate(database, migrationSets, { only: (each) => wanted.has(`${each.scope}/${each.number}`) });
  await migrateJobs(database.url);
  await makeRegisters?.(database);
}

async function fill(tx: Transaction, request: RestoreRequest, manifest: BackupManifest): Promise<void> {
  await quietTriggers(tx);
  await emptyTables(tx);
  for (const table of manifest.tables) {
    const source = compose(createReadStream(join(request.backup, table.file)), createZstdDecompress());
    const rows = await tx.copyFrom(`COPY ${copyTarget(table)} FROM STDIN`, source);
    if (rows !== table.rows) {
      throw new Fault("ERR_BACKUP_DAMAGED", { message: `${table.file} has ${rows} rows instead of ${table.rows}` });
    }
  }
  for (const { schema, name, lastValue } of manifest.sequences) {
    if (lastValue === null) continue;
    await tx.query("SELECT setval($1::regclass, $2::bigint)", [`${quoted(schema)}.${quoted(name)}`, lastValue]);
  }
  await bringBackPeriodKeys(tx, request, manifest);
  await beginNewLife(tx);
  const size = await checkLedgerTree(tx, [
    ...(manifest.checkpoint === null ? [] : [manifest.checkpoint]),
    ...(request.checkpoints ?? []),
  ]);
  request.report?.(
    text(`存证日志与检查点一致，共 ${size} 条`, `The ledger agrees with its checkpoint: ${size} entries`),
  );
}

/** A backup from before there were such keys has the table not yet: migrations make it afterwards. */
async function bringBackPeriodKeys(tx: Transaction, request: RestoreRequest, manifest: BackupManifest): Promise<void> {
  const [table] = await tx.query<{ there: boolean }>(`SELECT to_regclass('${PERIOD_KEY_TABLE}') IS NOT NULL AS there`);
  if (table?.there !== true) return;
  const node = nodeOfCheckpoint(manifest.checkpoint);
  const path = request.periodKeys ?? usualPeriodKeys(request.backup, node);
  const found = await restorePeriodKeys(tx, { path, node, now: request.now });
  request.report?.(
    found === undefined
      ? text(
          `没有期间密钥文件 ${path}：有保存期限的存证内容将无法读取（证明不受影响）。`,
          `There is no file of period keys at ${path}: contents of the ledger that are kept for a time cannot be read. Proofs hold all the same.`,
        )
      : text(
          `已恢复期间密钥 ${found.restored} 个；${found.ended} 个期限已过，未恢复`,
          `${found.restored} keys of periods were put back; ${found.ended} whose time is over were not`,
        ),
  );
}

/** The rows obeyed triggers and references when they were written. Whoever is no superuser loads with both in force. */
async function quietTriggers(tx: Transaction): Promise<void> {
  const [role] = await tx.query<{ superuser: boolean }>(
    "SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user",
  );
  if (role?.superuser === true) await tx.script("SET LOCAL session_replication_role = replica");
}

/** Migrations may have put rows into tables; those of the backup replace them. */
async function emptyTables(tx: Transaction): Promise<void> {
  for (const { schema, name } of (await listTables(tx)).toReversed()) {
    const table = `${quoted(schema)}.${quoted(name)}`;
    const [found] = await tx.query<{ rows: boolean }>(`SELECT EXISTS (SELECT 1 FROM ${table}) AS rows`);
    if (found?.rows === true) await tx.execute(`DELETE FROM ${table}`);
  }
}

/** Transaction numbers count from anew in another cluster, and no worker of the old node holds a job any more. */
async function beginNewLife(tx: Transaction): Promise<void> {
  await tx.script(`
    DO $$ BEGIN
      EXECUTE format('ALTER TABLE ledger.entry ALTER COLUMN era SET DEFAULT %s',
        (SELECT coalesce(max(era), 0) + 1 FROM ledger.entry));
    END $$;
    UPDATE graphile_worker._private_jobs SET locked_at = NULL, locked_by = NULL WHERE locked_at IS NOT NULL;
    UPDATE graphile_worker._private_job_queues SET locked_at = NULL, locked_by = NULL WHERE locked_at IS NOT NULL`);
}
