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
const APPEND_ONE = `${ENTRY} VALUES ($1, $2, $3, $4, $5, $6)`;
const APPEND_SEALED = `${SEALED_ENTRY} VALUES ($1, $2, $3, $4, $5, $6, $7)`;
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
   ORDER BY n`;

/** What else an entry writes: its subjects but the first. They read the entries' ids from `entry`. */
const subjectsOfOne = (first: number) => `
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($${first}::bytea, at, 16), id, $6::date FROM entry, unnest($${first + 1}::int[]) AS at)`;
const SUBJECTS_OF_MANY = `
    subject AS (
      INSERT INTO ledger.subject (pseudonym, entry_id, withheld_until)
      SELECT substr($7::bytea, (at::int - 1) * 16 + 1, 16), id, withheld_until
        FROM unnest($8::bigint[], $9::date[]) WITH ORDINALITY AS row (n, withheld_until, at)
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM entry) AS numbered USING (n))`;

/** How entries are written: the statement's texts, as they are asked for. */
interface Form {
  /** Nothing is to be read of its answer. */
  readonly unanswered: string;
  /** Its rows are the ids, in order. An answer costs a tenth of the statement: PostgreSQL keeps it in a store of its own before it is sent. */
  readonly answered: string;
  /** The same as parts of a statement that goes on: `appended` has the place of each entry, from 1, and its id. */
  readonly parts: string;
}

function formOf(insert: string, subjects?: string): Form {
  const parts = `WITH entry AS (${insert} RETURNING id)${subjects === undefined ? "" : `,${subjects}`}`;
  const answered = subjects === undefined ? `${insert} RETURNING id` : `${parts} SELECT id FROM entry ORDER BY id`;
  return {
    unanswered: subjects === undefined ? insert : answered,
    answered,
    parts: `${parts}, appended AS (SELECT row_number() OVER (ORDER BY id) AS place, id FROM entry)`,
  };
}

const ONE = formOf(APPEND_ONE);
const LIST = formOf(APPEND_ONE, subjectsOfOne(7));
const SEALED = formOf(APPEND_SEALED, subjectsOfOne(8));
const MANY = formOf(APPEND_MANY);
const LISTS = formOf(APPEND_MANY, SUBJECTS_OF_MANY);

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
  const { form, values } = writing(entries, keys);
  return { text: answered ? form.answered : form.unanswered, values };
}

/** A statement that writes beside entries, and names them: it reads `appended (place, id)`, places from 1 in the entries' order. */
export interface BesideEntries {
  /**
   * It may begin with further parts, `, name AS (…)`.
   * @param first the number of the first of its parameters. The same text for the same number.
   */
  readonly text: (first: number) => string;
  readonly values: readonly unknown[];
}

const besides = new WeakMap<BesideEntries["text"], Map<Form, string>>();

/**
 * The statement that appends entries and writes beside them.
 * @returns undefined where entries are sealed by an order: they are appended one by one
 * @throws ERR_LEDGER_ENTRY
 */
export function appendBesideStatement(
  entries: readonly LedgerEntry[],
  keys: LedgerKeys,
  beside: BesideEntries,
): SqlStatement | undefined {
  if (entries.some(({ secrecy }) => secrecy?.order !== undefined)) return undefined;
  const { form, values } = writing(entries, keys);
  const texts = besides.get(beside.text) ?? new Map<Form, string>();
  besides.set(beside.text, texts);
  const text = texts.get(form) ?? `${form.parts} ${beside.text(values.length + 1)}`;
  texts.set(form, text);
  return { text, values: [...values, ...beside.values] };
}

interface Writing {
  readonly form: Form;
  readonly values: readonly unknown[];
}

function writing(entries: readonly LedgerEntry[], keys: LedgerKeys): Writing {
  if (entries.length === 0 || entries.length > APPEND_MAX_ENTRIES) {
    throw new Fault("ERR_LEDGER_ENTRY", { message: `not 1 to ${APPEND_MAX_ENTRIES} entries at once` });
  }
  const encoded = encodeEntries(entries, keys);
  assert(
    encoded.length === 1 || encoded.every(({ sealing }) => sealing === null),
    "sealed entries are appended one by one",
  );
  const [first] = encoded;
  return encoded.length === 1 && first !== undefined ? writingOne(first) : writingMany(encoded);
}

function writingOne(entry: EncodedEntry): Writing {
  const { leaf, sealed, actor, caseRef, subjects, withheldUntil, sealing } = entry;
  const values = [leaf, sealed, actor, caseRef, firstOf(subjects) ?? null, withheldUntil];
  const further = subjects.subarray(PSEUDONYM_BYTES);
  if (sealing === null && further.length === 0) return { form: ONE, values };
  // Where each begins is given: a series computed from the length is estimated anew, and the statement planned, each time.
  const list = [further, inOrder(further).map((at) => 1 + at * PSEUDONYM_BYTES)];
  if (sealing !== null) return { form: SEALED, values: [...values, sealing, ...list] };
  return { form: LIST, values: [...values, ...list] };
}

function firstOf(subjects: Buffer): Buffer | undefined {
  return subjects.length === 0 ? undefined : subjects.subarray(0, PSEUDONYM_BYTES);
}

/** Which comes when, by their first four bytes: the index that takes them up is gone through once. */
function inOrder(pseudonyms: Buffer): readonly number[] {
  const order = new Float64Array(pseudonyms.length / PSEUDONYM_BYTES);
  for (let at = 0; at < order.length; at++) {
    order[at] = pseudonyms.readUInt32BE(at * PSEUDONYM_BYTES) * ORDER_SPAN + at;
  }
  return Array.from(order.sort(), (each) => each % ORDER_SPAN);
}

/** More than an entry has subjects: beside four bytes it is told in a whole number that is exact. */
const ORDER_SPAN = 2 ** 21;

function writingMany(entries: readonly EncodedEntry[]): Writing {
  const pieces: Buffer[] = [];
  const places = { leaf: [] as number[], sealed: [] as number[], actor: [] as number[], kind: [] as number[] };
  let at = 1; // as PostgreSQL counts
  for (const { leaf, sealed, actor, caseRef, subjects } of entries) {
    const subject = firstOf(subjects);
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
  const further = entries.map(({ subjects }) => subjects.subarray(PSEUDONYM_BYTES));
  if (further.every(({ length }) => length === 0)) return { form: MANY, values };
  const entriesOf = further.flatMap(({ length }, entry) => Array<number>(length / PSEUDONYM_BYTES).fill(entry));
  return {
    form: LISTS,
    values: [
      ...values,
      Buffer.concat(further),
      entriesOf.map((entry) => entry + 1),
      entriesOf.map((entry) => withheld[entry] ?? null),
    ],
  };
}
