import type { Sql, SqlStatement } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { type EncodedEntry, encodeEntries } from "./encode.ts";
import type { LedgerEntry } from "./entry.ts";
import type { LedgerKeys } from "./keys.ts";
import { APPEND_MAX_ENTRIES } from "./limits.ts";

/** Of what stands for an actor, a case or a subject: see `keys.ts`. */
const PSEUDONYM_BYTES = 16;
const ENTRY = "INSERT INTO ledger.entry (leaf, sealed, actor, case_ref, subject, withheld_until)";
/** Sealed ones name their order. They are few, and the others are not to pay for them. */
const SEALED_ENTRY = "INSERT INTO ledger.entry (leaf, sealed, actor, case_ref, subject, withheld_until, sealing)";
const APPEND_SEALED = `
  WITH entry AS (${SEALED_ENTRY} VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($8::bytea, at, 16), id, $6::date FROM entry, unnest($9::int[]) AS at)
  SELECT id FROM entry`;
const APPEND_ONE = `${ENTRY} VALUES ($1, $2, $3, $4, $5, $6)`;
/** An answer costs a tenth of the statement: PostgreSQL keeps it in a store of its own before it is sent. */
const APPEND_ONE_ANSWERED = `${APPEND_ONE} RETURNING id`;
const APPEND_LIST = `
  WITH entry AS (${APPEND_ONE_ANSWERED}),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($7::bytea, at, 16), id, $6::date FROM entry, unnest($8::int[]) AS at)
  SELECT id FROM entry`;

// Byte strings come in one parameter, which travels as it is: an array of them would travel as hexadecimal text. An entry's
// are leaf, sealed content, actor, and as its `kind` says: case (1), first subject (2).
// Identity numbers are drawn above the sort: the smallest belongs to the first entry.
const APPEND_MANY = `
  ${ENTRY}
  SELECT substr($1::bytea, leaf_at, sealed_at - leaf_at), substr($1::bytea, sealed_at, actor_at - sealed_at),
         substr($1::bytea, actor_at, 16),
         CASE WHEN kind & 1 > 0 THEN substr($1::bytea, actor_at + 16, 16) END,
         CASE WHEN kind & 2 > 0 THEN substr($1::bytea, actor_at + 16 + 16 * (kind & 1), 16) END,
         withheld_until
    FROM unnest($2::int[], $3::int[], $4::int[], $5::int[], $6::date[])
      WITH ORDINALITY AS row (leaf_at, sealed_at, actor_at, kind, withheld_until, n)
   ORDER BY n
  RETURNING id`;
const APPEND_LISTS = `
  WITH entry AS (${APPEND_MANY}),
    numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM entry),
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($7::bytea, (at::int - 1) * 16 + 1, 16), id, withheld_until
        FROM unnest($8::bigint[], $9::date[]) WITH ORDINALITY AS row (n, withheld_until, at)
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
  if (entries.length > 1 && entries.some(({ secrecy }) => secrecy?.order !== undefined)) {
    const ids: number[] = [];
    for (const entry of entries) ids.push(...(await appendEntries(sql, [entry], keys)));
    return ids;
  }
  const { text, values } = appendStatement(entries, keys, { answered: true });
  return (await sql.query<{ readonly id: number }>(text, values)).map(({ id }) => id);
}

/**
 * The statement that appends entries, to be sent with others.
 * @param options.answered whether its rows are the entries' ids, in order; else they are not to be read
 * @throws ERR_LEDGER_ENTRY
 */
export function appendStatement(
  entries: readonly LedgerEntry[],
  keys: LedgerKeys,
  { answered }: { readonly answered: boolean },
): SqlStatement {
  if (entries.length === 0 || entries.length > APPEND_MAX_ENTRIES) {
    throw new Fault("ERR_LEDGER_ENTRY", { message: `not 1 to ${APPEND_MAX_ENTRIES} entries at once` });
  }
  const encoded = encodeEntries(entries, keys);
  assert(
    encoded.length === 1 || encoded.every(({ sealing }) => sealing === null),
    "sealed entries are appended one by one",
  );
  const [first] = encoded;
  return encoded.length === 1 && first !== undefined ? appendOne(first, answered) : appendMany(encoded);
}

function appendOne(entry: EncodedEntry, answered: boolean): SqlStatement {
  const { leaf, sealed, actor, caseRef, subjects, withheldUntil, sealing } = entry;
  const values = [leaf, sealed, actor, caseRef, subjects[0] ?? null, withheldUntil];
  if (sealing === null && subjects.length < 2) return { text: answered ? APPEND_ONE_ANSWERED : APPEND_ONE, values };
  const further = subjects.slice(1);
  // Where each begins is given: a series computed from the length is estimated anew, and the statement planned, each time.
  const places = further.map((_, at) => 1 + at * PSEUDONYM_BYTES);
  const list = [Buffer.concat(further), places];
  if (sealing !== null) return { text: APPEND_SEALED, values: [...values, sealing, ...list] };
  return { text: APPEND_LIST, values: [...values, ...list] };
}

function appendMany(entries: readonly EncodedEntry[]): SqlStatement {
  const pieces: Buffer[] = [];
  const places = { leaf: [] as number[], sealed: [] as number[], actor: [] as number[], kind: [] as number[] };
  let at = 1; // as PostgreSQL counts
  for (const { leaf, sealed, actor, caseRef, subjects } of entries) {
    const [subject] = subjects;
    places.leaf.push(at);
    at += leaf.length;
    places.sealed.push(at);
    at += sealed.length;
    places.actor.push(at);
    places.kind.push((caseRef === null ? 0 : 1) + (subject === undefined ? 0 : 2));
    pieces.push(leaf, sealed, actor);
    if (caseRef !== null) pieces.push(caseRef);
    if (subject !== undefined) pieces.push(subject);
    at += actor.length + (caseRef?.length ?? 0) + (subject?.length ?? 0);
  }
  const withheld = entries.map(({ withheldUntil }) => withheldUntil);
  const values = [Buffer.concat(pieces), places.leaf, places.sealed, places.actor, places.kind, withheld];
  if (entries.every(({ subjects }) => subjects.length < 2)) return { text: APPEND_MANY, values };
  const further = entries.map(({ subjects }) => subjects.slice(1));
  return {
    text: APPEND_LISTS,
    values: [
      ...values,
      Buffer.concat(further.flat()),
      further.flatMap((subjects, entry) => subjects.map(() => entry + 1)),
      further.flatMap((subjects, entry) => subjects.map(() => withheld[entry] ?? null)),
    ],
  };
}
