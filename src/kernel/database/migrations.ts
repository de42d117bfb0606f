import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault, isFault } from "../errors/fault.ts";
import { LONG_TRANSACTION_TIMEOUT_MS, MIGRATION_FILE_LIMIT_BYTES } from "./limits.ts";
import type { Database, Transaction } from "./sql.ts";

/** The migrations of one room or of one part of the kernel. */
export interface MigrationSet {
  /** Whose they are, as they are recorded: "ledger", "population". */
  readonly scope: string;
  /** A folder of files named 0001-what-it-does.sql; one that does not exist holds none. */
  readonly folder: string;
}

export interface Migration {
  readonly scope: string;
  readonly number: number;
  readonly file: string;
  readonly path: string;
  readonly text: string;
}

export interface MigrationReport {
  readonly applied: readonly { readonly scope: string; readonly file: string }[];
  /** How many there are in all. */
  readonly total: number;
}

const FILE_NAME = /^(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.sql$/;

const RECORD = `
  CREATE SCHEMA IF NOT EXISTS kernel;
  CREATE TABLE IF NOT EXISTS kernel.migration (
    scope text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    file text NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (scope, number)
  )`;

/**
 * Reads the migrations of every set, in the order of the sets and of their numbers.
 * @throws ERR_MIGRATION_FILES that names every gap, duplicate and misnamed file
 */
export async function readMigrations(sets: readonly MigrationSet[]): Promise<readonly Migration[]> {
  const problems: string[] = [];
  const migrations: Migration[] = [];
  const scopes = new Set<string>();
  for (const set of sets) {
    if (scopes.has(set.scope)) problems.push(`the scope ${set.scope} occurs twice`);
    scopes.add(set.scope);
    migrations.push(...(await readSet(set, problems)));
  }
  if (problems.length > 0) throw new Fault("ERR_MIGRATION_FILES", { message: problems.join("; ") });
  return migrations;
}

async function readSet(set: MigrationSet, problems: string[]): Promise<readonly Migration[]> {
  const files = (await listFolder(set.folder)).filter((file) => file.endsWith(".sql")).sort();
  const migrations: Migration[] = [];
  for (const file of files) {
    const last = migrations.at(-1)?.number ?? 0;
    const number = Number(FILE_NAME.exec(file)?.[1]);
    if (Number.isNaN(number)) problems.push(`${set.scope}/${file} is not named like 0001-what-it-does.sql`);
    else if (number === last) problems.push(`${set.scope} has the number of ${file} twice`);
    else if (number !== last + 1) problems.push(`${set.scope} has a gap before ${file}`);
    const path = join(set.folder, file);
    const text = await readFile(path, "utf8");
    if (text.length > MIGRATION_FILE_LIMIT_BYTES) problems.push(`${set.scope}/${file} is too long`);
    migrations.push({ scope: set.scope, number, file, path, text });
  }
  return migrations;
}

async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Applies what is missing: each file once, in a transaction of its own, recorded with its digest, by one process at a time.
 * Migrations that a newer version applied are left alone: versions work side by side.
 * @throws ERR_MIGRATION_CHANGED when an applied file is not the one that is here; ERR_MIGRATION_FAILED naming the file
 */
export async function migrate(
  database: Database,
  sets: readonly MigrationSet[],
  options: { /** Which to apply; default all. */ readonly only?: (migration: Migration) => boolean } = {},
): Promise<MigrationReport> {
  const migrations = await readMigrations(sets);
  await database.transaction(
    async (tx) => {
      await lock(tx);
      await tx.script(RECORD);
    },
    { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
  );
  const applied: { scope: string; file: string }[] = [];
  for (const migration of await pending(database, migrations)) {
    if (options.only?.(migration) === false) continue;
    if (await apply(database, migration)) applied.push({ scope: migration.scope, file: migration.file });
  }
  return { applied, total: migrations.length };
}

/** What `migrate` would apply; nothing is written. */
export async function pendingMigrations(
  database: Database,
  sets: readonly MigrationSet[],
): Promise<readonly Migration[]> {
  const migrations = await readMigrations(sets);
  const [record] = await database.query<{ exists: boolean }>(
    "SELECT to_regclass('kernel.migration') IS NOT NULL AS exists",
  );
  return record?.exists === true ? await pending(database, migrations) : migrations;
}

async function pending(database: Database, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const rows = await database.query<{ scope: string; number: number; same: boolean }>(
    `SELECT m.scope, m.number, m.digest = sha256(convert_to(f.text, 'UTF8')) AS same
       FROM kernel.migration m
       JOIN unnest($1::text[], $2::int[], $3::text[]) AS f (scope, number, text) USING (scope, number)`,
    [migrations.map((each) => each.scope), migrations.map((each) => each.number), migrations.map((each) => each.text)],
  );
  const recorded = new Map(rows.map((row) => [`${row.scope}/${row.number}`, row.same]));
  const changed = migrations.filter((each) => recorded.get(`${each.scope}/${each.number}`) === false);
  if (changed.length > 0) {
    throw new Fault("ERR_MIGRATION_CHANGED", { message: changed.map((each) => each.path).join(", ") });
  }
  return migrations.filter((each) => !recorded.has(`${each.scope}/${each.number}`));
}

/** Whether this process applied it: another may have been faster. */
async function apply(database: Database, migration: Migration): Promise<boolean> {
  try {
    return await database.transaction(
      async (tx) => {
        await lock(tx);
        const fresh = await tx.execute(
          `INSERT INTO kernel.migration (scope, number, file, digest)
           VALUES ($1, $2, $3, sha256(convert_to($4, 'UTF8'))) ON CONFLICT DO NOTHING`,
          [migration.scope, migration.number, migration.file, migration.text],
        );
        if (fresh === 1) await tx.script(migration.text);
        return fresh === 1;
      },
      { timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
    );
  } catch (error) {
    if (isFault(error, "ERR_DATABASE_UNREACHABLE") || isFault(error, "ERR_DATABASE_DISK_FULL")) throw error;
    const message = `${migration.path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new Fault("ERR_MIGRATION_FAILED", { message, cause: error });
  }
}

async function lock(tx: Transaction): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong.migrate', 0))");
}
