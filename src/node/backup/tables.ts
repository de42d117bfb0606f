import type { Sql } from "#kernel/database/sql";
import type { BackupSequence } from "./archive.ts";

export interface Table {
  readonly schema: string;
  readonly name: string;
  /** Those that are stored, not computed. */
  readonly columns: readonly string[];
}

/** Tables whose rows are made by migrations: our own record, and that of the job runner. */
const MADE_BY_MIGRATION = new Set(["kernel.migration", "graphile_worker.migrations"]);

/** Ordinary tables outside PostgreSQL's own schemas, in an order in which none refers to a later one. */
export async function listTables(sql: Sql): Promise<readonly Table[]> {
  const tables = await sql.query<Table & { readonly oid: number }>(`
    SELECT c.oid::int AS oid, n.nspname AS schema, c.relname AS name,
           (SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}') FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     ORDER BY n.nspname, c.relname`);
  const references = await sql.query<{ readonly from: number; readonly to: number }>(`
    SELECT conrelid::int AS "from", confrelid::int AS "to" FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid`);
  return inOrder(tables, references).filter(({ schema, name }) => !MADE_BY_MIGRATION.has(`${schema}.${name}`));
}

/** Depth first: a table comes after those it refers to. In a circle, which COPY could not load anyway, order is as it falls. */
function inOrder<Each extends { readonly oid: number }>(
  tables: readonly Each[],
  references: readonly { readonly from: number; readonly to: number }[],
): readonly Each[] {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const ordered = new Set<Each>();
  const visiting = new Set<number>();
  const visit = (table: Each) => {
    if (ordered.has(table) || visiting.has(table.oid)) return;
    visiting.add(table.oid);
    for (const { from, to } of references) {
      const referred = byOid.get(to);
      if (from === table.oid && referred !== undefined) visit(referred);
    }
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return [...ordered];
}

export async function listSequences(sql: Sql): Promise<readonly BackupSequence[]> {
  return await sql.query<{ schema: string; name: string; lastValue: string | null }>(`
    SELECT schemaname AS schema, sequencename AS name, last_value::text AS "lastValue" FROM pg_sequences
     WHERE schemaname !~ '^pg_' ORDER BY schemaname, sequencename`);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `"schema"."table" ("column", …)` */
export function copyTarget({ schema, name, columns }: Table): string {
  return `${quoted(schema)}.${quoted(name)} (${columns.map(quoted).join(", ")})`;
}
