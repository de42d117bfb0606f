import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { type EncodedEntry, encodeEntry } from "./content.ts";
import type { LedgerEntry } from "./entry.ts";
import type { LedgerKeys } from "./keys.ts";
import { APPEND_MAX_ENTRIES } from "./limits.ts";

const APPEND_ONE = `
  WITH entry AS (INSERT INTO ledger.entry (leaf) VALUES ($1) RETURNING id),
    content AS (INSERT INTO ledger.content (entry_id, sealed, actor, case_ref) SELECT id, $2, $3, $4 FROM entry),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT unnest($5::bytea[]), id, $6::date FROM entry)
  SELECT id FROM entry`;

// Identity numbers are drawn above the sort: the smallest belongs to the first entry.
const APPEND_MANY = `
  WITH input AS (
      SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[])
        WITH ORDINALITY AS row (leaf, sealed, actor, case_ref, n)),
    entry AS (INSERT INTO ledger.entry (leaf) SELECT leaf FROM input ORDER BY n RETURNING id),
    numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM entry),
    content AS (
      INSERT INTO ledger.content (entry_id, sealed, actor, case_ref)
      SELECT id, sealed, actor, case_ref FROM numbered JOIN input USING (n)),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT pseudonym, id, withheld_until
        FROM unnest($5::bytea[], $6::bigint[], $7::date[]) AS row (pseudonym, n, withheld_until)
        JOIN numbered USING (n))
  SELECT id FROM numbered ORDER BY n`;

/**
 * Appends entries in one statement. Inside a transaction they commit with it; outside of one they are safe on disk when
 * this resolves.
 * @returns the entries' ids, in order. An id is not the index in the log: that comes with the sequencer.
 * @throws ERR_LEDGER_ENTRY
 */
export async function appendEntries(
  sql: Sql,
  entries: readonly LedgerEntry[],
  keys: LedgerKeys,
): Promise<readonly number[]> {
  if (entries.length === 0) return [];
  if (entries.length > APPEND_MAX_ENTRIES) {
    throw new Fault("ERR_LEDGER_ENTRY", { message: `more than ${APPEND_MAX_ENTRIES} entries at once` });
  }
  const encoded = entries.map((entry) => encodeEntry(entry, keys));
  const [first] = encoded;
  const rows =
    encoded.length === 1 && first !== undefined ? await appendOne(sql, first) : await appendMany(sql, encoded);
  return rows.map(({ id }) => id);
}

function appendOne(sql: Sql, entry: EncodedEntry): Promise<readonly { readonly id: number }[]> {
  const { leaf, sealed, actor, caseRef, subjects, withheldUntil } = entry;
  return sql.query(APPEND_ONE, [leaf, sealed, actor, caseRef, subjects, withheldUntil]);
}

function appendMany(sql: Sql, entries: readonly EncodedEntry[]): Promise<readonly { readonly id: number }[]> {
  const subjects = entries.flatMap((entry, at) =>
    entry.subjects.map((name) => ({ name, n: at + 1, withheldUntil: entry.withheldUntil })),
  );
  return sql.query(APPEND_MANY, [
    entries.map(({ leaf }) => leaf),
    entries.map(({ sealed }) => sealed),
    entries.map(({ actor }) => actor),
    entries.map(({ caseRef }) => caseRef),
    subjects.map(({ name }) => name),
    subjects.map(({ n }) => n),
    subjects.map(({ withheldUntil }) => withheldUntil),
  ]);
}
