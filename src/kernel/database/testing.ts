import { leaseTestCluster, type TestClusterLease } from "./cluster/test-cluster.ts";
import { type DatabaseOptions, openDatabase } from "./database.ts";
import { type MigrationSet, migrate, readMigrations } from "./migrations.ts";
import type { Database } from "./sql.ts";

/** A database for one test file. */
export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
  readonly url: string;
  /** Closes and drops it: `after(close)`. */
  readonly close: () => Promise<void>;
}

export interface TestDatabaseOptions {
  /** Applied once to a template, of which each test database with the same migrations is a copy. */
  readonly migrations?: readonly MigrationSet[];
  /** What else the template gets, once, under a name that tells it from others: tables that are not made by migrations. */
  readonly prepare?: { readonly name: string; readonly run: (url: string) => Promise<void> };
  readonly open?: Omit<DatabaseOptions, "url">;
}

type TemplateOptions = Pick<TestDatabaseOptions, "migrations" | "prepare">;

let lease: ReturnType<typeof leaseTestCluster> | undefined;
let made = 0;

/**
 * A fresh database on the shared PostgreSQL 18 of the tests, which is started when it does not run. To be closed:
 * `const { database, close } = await testDatabase({ migrations }); after(close);`
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  lease ??= leaseTestCluster();
  const cluster = await lease;
  const template = await templateFor(cluster, options);
  made += 1;
  const name = `zt_test_${process.pid}_${made}_${Date.now().toString(36)}`;
  await cluster.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY WAL_LOG`);
  const url = databaseUrl(cluster.url, name);
  const database = await openDatabase({ keepsProcessAlive: false, applicationName: "test", ...options.open, url });
  const close = async () => {
    await database.close();
    await cluster.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  return { database, url, close, [Symbol.asyncDispose]: close };
}

/** Made by one process, once for each text of the migrations; templates end with the cluster. */
async function templateFor(cluster: TestClusterLease, options: TemplateOptions): Promise<string> {
  const migrations = await readMigrations(options.migrations ?? []);
  if (migrations.length === 0 && options.prepare === undefined) return "template0";
  const whole = JSON.stringify([
    options.prepare?.name,
    ...migrations.map(({ scope, file, text }) => [scope, file, text]),
  ]);
  const [digest] = await cluster.query<{ digest: string }>(
    "SELECT left(encode(sha256(convert_to($1, 'UTF8')), 'hex'), 32) AS digest",
    [whole],
  );
  const name = `zt_template_${digest?.digest}`;
  await cluster.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
  try {
    const found = await cluster.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    if (found.length === 0) await makeTemplate(cluster, name, options);
  } finally {
    await cluster.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [name]);
  }
  return name;
}

/** Migrated under another name, so that a failed migration leaves no half template. */
async function makeTemplate(cluster: TestClusterLease, name: string, options: TemplateOptions): Promise<void> {
  const draft = `${name}_draft`;
  await cluster.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await cluster.query(`CREATE DATABASE ${draft} TEMPLATE template0 STRATEGY WAL_LOG`);
  const database = await openDatabase({ url: databaseUrl(cluster.url, draft), applicationName: "test template" });
  try {
    await migrate(database, options.migrations ?? []);
  } finally {
    await database.close();
  }
  await options.prepare?.run(databaseUrl(cluster.url, draft));
  await cluster.query(`ALTER DATABASE ${draft} RENAME TO ${name}`);
}

function databaseUrl(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}
