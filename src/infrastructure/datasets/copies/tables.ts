import type { Sql, Transaction } from "#kernel/database/sql";
import { type Description, lookupsOf } from "../description.ts";
import { tableOf } from "./copy.ts";

/** A statement that names the partition sees its triggers, and not those of the whole: both are guarded. */
export async function makeCopyTable(tx: Transaction, copy: number): Promise<void> {
  const table = tableOf(copy);
  await tx.script(`
    CREATE TABLE IF NOT EXISTS ${table} PARTITION OF datasets.version
      (PRIMARY KEY (place, key, valid_from)) FOR VALUES IN (${copy});
    CREATE OR REPLACE TRIGGER guarded BEFORE INSERT OR DELETE OR TRUNCATE OR UPDATE
      OF copy, key, valid_from, valid_to, recorded_from, authority, legal_basis, act_id, division, digest, data, bound, found
      ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION datasets.guard();`);
}

/**
 * From here on the sums follow each statement. Before, while a copy is filled, nobody asks for them: to make them once of what stands
 * costs a third of keeping them page by page.
 */
export async function keepSums(tx: Transaction, copy: number): Promise<void> {
  await sumCopyUp(tx, copy);
  const table = tableOf(copy);
  await tx.script(`
    CREATE OR REPLACE TRIGGER summed_come AFTER INSERT ON ${table} REFERENCING NEW TABLE AS touched
      FOR EACH STATEMENT EXECUTE FUNCTION datasets.sum_up();
    CREATE OR REPLACE TRIGGER summed_gone AFTER DELETE ON ${table} REFERENCING OLD TABLE AS touched
      FOR EACH STATEMENT EXECUTE FUNCTION datasets.sum_up();`);
}

/** Takes everything out of a copy that is filled anew. */
export async function emptyCopyTable(tx: Transaction, copy: number): Promise<void> {
  await receiving(tx);
  const table = tableOf(copy);
  await tx.script(`
    TRUNCATE ${table};
    DROP TRIGGER IF EXISTS summed_come ON ${table};
    DROP TRIGGER IF EXISTS summed_gone ON ${table};`);
  await dropLookups(tx, copy);
  await tx.execute("DELETE FROM datasets.leaf WHERE copy = $1", [copy]);
}

export async function dropCopyTable(sql: Sql, copy: number): Promise<void> {
  await sql.execute(`DROP TABLE IF EXISTS ${tableOf(copy)}`);
  await sql.execute("DELETE FROM datasets.leaf WHERE copy = $1", [copy]);
}

/** Lets the transaction write into copies. */
export async function receiving(sql: Sql): Promise<void> {
  await sql.query("SELECT set_config('datasets.receiving', 'on', true)");
}

function lookupIndex(copy: number, at: number): string {
  return `copy_${copy}_found_${at + 1}`;
}

/** Made when a copy is whole: building an index is cheaper than keeping it while it is filled. */
export async function makeLookups(tx: Transaction, copy: number, description: Description): Promise<void> {
  const lines = lookupsOf(description).map(
    (_, at) =>
      `CREATE INDEX IF NOT EXISTS "${lookupIndex(copy, at)}" ON ${tableOf(copy)} ((found[${at + 1}])) WHERE found[${at + 1}] IS NOT NULL;`,
  );
  if (lines.length > 0) await tx.script(lines.join("\n"));
}

async function dropLookups(tx: Transaction, copy: number): Promise<void> {
  const rows = await tx.query<{ name: string }>(
    "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'datasets' AND starts_with(indexname, $1)",
    [`copy_${copy}_found_`],
  );
  for (const { name } of rows) await tx.script(`DROP INDEX datasets."${name}"`);
}

/** The sums of a copy from what stands in it: they and the rows are changed together, so this repairs what neither did. */
export async function sumCopyUp(tx: Transaction, copy: number): Promise<void> {
  await tx.execute("DELETE FROM datasets.leaf WHERE copy = $1", [copy]);
  await tx.execute(
    `INSERT INTO datasets.leaf (copy, leaf, entries, a, b)
     SELECT v.copy, v.place >> (16 - c.leaf_bits), count(*), bit_xor(substr(v.digest, 1, 8)::bigint),
            bit_xor(substr(v.digest, 9, 8)::bigint)
       FROM ${tableOf(copy)} v JOIN datasets.copy c ON c.id = v.copy GROUP BY 1, 2`,
    [],
  );
}
