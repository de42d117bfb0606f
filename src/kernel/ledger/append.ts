import type { Sql, SqlStatement } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { type EncodedEntry, encodeEntry } from "./encode.ts";
import type { LedgerEntry } from "./entry.ts";
import type { LedgerKeys } from "./keys.ts";
import { APPEND_MAX_ENTRIES } from "./limits.ts";

const APPEND_ONE = `
  WITH entry AS (INSERT INTO ledger.entry (leaf) VALUES ($1) RETURNING id),
    content AS (INSERT INTO ledger.content (entry_id, sealed, actor, case_ref) SELECT id, $2, $3, $4 FROM entry),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($5::bytea, at, 16), id, $6::date FROM entry, generate_series(1, length($5::bytea), 16) AS at)
  SELECT id FROM entry`;

// Byte strings come in one parameter, which travels as it is: an array of them would travel as hexadecimal text.
// Identity numbers are drawn above the sort: the smallest belongs to the first entry.
const APPEND_MANY = `
  WITH input AS (
      SELECT n, substr($1::bytea, leaf_at, sealed_at - leaf_at) AS leaf,
             substr($1::bytea, sealed_at, actor_at - sealed_at) AS sealed,
             substr($1::bytea, actor_at, 16) AS actor,
             CASE WHEN has_case THEN substr($1::bytea, actor_at + 16, 16) END AS case_ref
        FROM unnest($2::int[], $3::int[], $4::int[], $5::bool[])
          WITH ORDINALITY AS row (leaf_at, sealed_at, actor_at, has_case, n)),
    entry AS (INSERT INTO ledger.entry (leaf) SELECT leaf FROM input ORDER BY n RETURNING id),
    numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM entry),
    content AS (
      INSERT INTO ledger.content (entry_id, sealed, actor, case_ref)
      SELECT id, sealed, actor, case_ref FROM numbered JOIN input USING (n)),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($6::bytea, (at::int - 1) * 16 + 1, 16), id, withheld_until
        FROM unnest($7::bigint[], $8::date[]) WITH ORDINALITY AS row (n, withheld_until, at)
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
  const { text, values } = appendStatement(entries, keys);
  return (await sql.query<{ readonly id: number }>(text, values)).map(({ id }) => id);
}

/**
 * The statement that appends entries, to be sent with others; its rows are the entries' ids, in order.
 * @throws ERR_LEDGER_ENTRY
 */
export function appendStatement(entries: readonly LedgerEntry[], keys: LedgerKeys): SqlStatement {
  if (entries.length === 0 || entries.length > APPEND_MAX_ENTRIES) {
    throw new Fault("ERR_LEDGER_ENTRY", { message: `not 1 to ${APPEND_MAX_ENTRIES} entries at once` });
  }
  const encoded = entries.map((entry) => encodeEntry(entry, keys));
  const [first] = encoded;
  return encoded.length === 1 && first !== undefined ? appendOne(first) : appendMany(encoded);
}

function appendOne({ leaf, sealed, actor, caseRef, subjects, withheldUntil }: EncodedEntry): SqlStatement {
  const values = [leaf, sealed, actor, caseRef, Buffer.concat(subjects), withheldUntil];
  return { text: APPEND_ONE, values };
}

function appendMany(entries: readonly EncodedEntry[]): SqlStatement {
  const pieces: Buffer[] = [];
  const places = { leaf: [] as number[], sealed: [] as number[], actor: [] as number[] };
  let at = 1; // as PostgreSQL counts
  for (const { leaf, sealed, actor, caseRef } of entries) {
    places.leaf.push(at);
    places.sealed.push(at + leaf.length);
    places.actor.push(at + leaf.length + sealed.length);
    pieces.push(leaf, sealed, actor, ...(caseRef === null ? [] : [caseRef]));
    at += leaf.length + sealed.length + actor.length + (caseRef?.length ?? 0);
  }
  const values = [
    Buffer.concat(pieces),
    places.leaf,
    places.sealed,
    places.actor,
    entries.map(({ caseRef }) => caseRef !== null),
    Buffer.concat(entries.flatMap(({ subjects }) => subjects)),
    entries.flatMap(({ subjects }, entry) => subjects.map(() => entry + 1)),
    entries.flatMap(({ subjects, withheldUntil }) => subjects.map(() => withheldUntil)),
  ];
  return { text: APPEND_MANY, values };
}
