import type { Bind, RowColumn } from "#lib/cedar/row-sql";
import type { Sql } from "../database/sql.ts";
import { CHECK_OPERATIONS } from "./checks.ts";
import { isClosed, type KeptContent, type KeptSubject, openContent, parseLeaf } from "./content.ts";
import type { LedgerActor, LedgerContent, LedgerLeaf, LedgerSubject } from "./entry.ts";
import { type LedgerKeys, pseudonyms } from "./keys.ts";
import { CLOCK_ACTOR, PAGE_MAX_RECORDS } from "./limits.ts";

/** An entry as it is read back. */
export interface LedgerRecord {
  /** The entry's own number. Its index in the log comes with its receipt. */
  readonly id: number;
  readonly leaf: LedgerLeaf;
  /** Undefined when it was erased. */
  readonly content: LedgerContent | undefined;
  /** Whom it concerns; those that were erased are missing. */
  readonly subjects: readonly LedgerSubject[];
  /** YYYY-MM-DD: by law not shown to whom it concerns until then; what its order says today. */
  readonly withheldUntil?: string;
}

/** Whether a law keeps an entry from whom it concerns on a day (YYYY-MM-DD): to them it is as if it were not there. */
export function isWithheld({ withheldUntil }: Pick<LedgerRecord, "withheldUntil">, day: string): boolean {
  return withheldUntil !== undefined && withheldUntil > day;
}

/** A page of entries, newest first. */
export interface LedgerPage {
  readonly records: readonly LedgerRecord[];
  /** Give it as `before` to read on; undefined on the last page. */
  readonly next: number | undefined;
}

export interface PageOptions {
  /** At most 200; default 20. */
  readonly limit?: number | undefined;
  /** Only entries with a smaller id. */
  readonly before?: number | undefined;
  /** Which of them the reader may see: as SQL on `e` that is never NULL. Absent: all. */
  readonly shown?: ((bind: Bind) => string) | undefined;
}

/** Where a statement has what stands in the log in the clear of an entry `e`, for {@link PageOptions.shown}. */
export const LEAF_COLUMNS: Readonly<Record<"room" | "operation" | "type", RowColumn>> = {
  room: leafColumn("room"),
  operation: leafColumn("operation"),
  type: leafColumn("type"),
};

function leafColumn(name: string): RowColumn {
  return { type: "text", nullable: false, write: () => `(convert_from(e.leaf, 'UTF8')::jsonb ->> '${name}')` };
}

/** A row with everything that belongs to one entry. */
export interface EntryRow {
  readonly id: number;
  readonly leaf: Buffer;
  /** Empty when it was erased; null when it is lost. */
  readonly sealed: Buffer | null;
  readonly shown_from?: string | null;
}

/** Until when an entry is withheld: as its order says now, or else as the entry itself does. */
const SHOWN_FROM = `CASE WHEN withheld_until IS NOT NULL
  THEN coalesce((SELECT o.until FROM ledger.sealing o WHERE o.id = e.sealing), withheld_until) END`;
const ROW = `SELECT e.id, e.leaf, e.sealed, (${SHOWN_FROM})::text AS shown_from FROM ledger.entry e`;

/** Reads entries by their ids. Missing ones are left out. */
export async function readEntryRows(sql: Sql, ids: readonly number[]): Promise<readonly EntryRow[]> {
  return await sql.query<EntryRow>(`${ROW} WHERE e.id = ANY($1::bigint[])`, [ids]);
}

/** Which of these entries a law keeps from whom they concern on a day (YYYY-MM-DD). */
export async function withheldOn(
  sql: Sql,
  keys: LedgerKeys,
  ids: readonly number[],
  day: string,
): Promise<ReadonlySet<number>> {
  const records = (await readEntryRows(sql, ids)).map((row) => toRecord(row, keys));
  return new Set(records.filter((record) => isWithheld(record, day)).map(({ id }) => id));
}

/** One entry with its content. */
export async function readRecord(sql: Sql, keys: LedgerKeys, id: number): Promise<LedgerRecord | undefined> {
  const [row] = await readEntryRows(sql, [id]);
  return row === undefined ? undefined : toRecord(row, keys);
}

/** The newest entries. */
export function readLatest(sql: Sql, keys: LedgerKeys, page: PageOptions = {}): Promise<LedgerPage> {
  // A condition that few entries meet would have the whole log looked through for one page.
  if (page.shown !== undefined) return readWindow(sql, keys, { ...page, condition: "true" });
  return readPage(sql, keys, { ...page, condition: "true", values: [] });
}

/** What an auditor looks for by itself. */
export type EntryKind =
  | "refused"
  | "sign-ins"
  | "failed-sign-ins"
  | "exchanges"
  | "checks"
  | "failed-checks"
  | "clock"
  | "sealed";
export const ENTRY_KINDS: readonly EntryKind[] = [
  "refused",
  "sign-ins",
  "failed-sign-ins",
  "exchanges",
  "checks",
  "failed-checks",
  "clock",
  "sealed",
];
/** Entries that one page looks through, where no index leads to those of a kind. */
export const KIND_WINDOW_ENTRIES = 100_000;

const CHECKS = CHECK_OPERATIONS.map(
  (operation) => `position('"operation":"${operation}","room":"ledger"'::bytea in e.leaf) > 0`,
).join(" OR ");

/** A leaf is canonical JSON, in which a quotation mark within a value is escaped: its members are found as they are written. */
const KIND_CONDITIONS: Readonly<
  Record<Exclude<EntryKind, "clock">, { readonly sql: string; readonly indexed: boolean }>
> = {
  refused: { sql: `position('"type":"refused"'::bytea in e.leaf) > 0`, indexed: false },
  "sign-ins": { sql: `position('"operation":"signIn","room":"identity"'::bytea in e.leaf) > 0`, indexed: false },
  "failed-sign-ins": {
    sql: `(position('"operation":"sign-in-failed","room":"identity"'::bytea in e.leaf) > 0
      OR position('"operation":"proof-failed","room":"identity"'::bytea in e.leaf) > 0)`,
    indexed: false,
  },
  exchanges: { sql: `position('"type":"exchange"'::bytea in e.leaf) > 0`, indexed: false },
  checks: { sql: `(${CHECKS})`, indexed: false },
  // What came of them is sealed: it is looked at when they are opened (`filtered.ts`).
  "failed-checks": { sql: `(${CHECKS})`, indexed: false },
  sealed: { sql: "e.withheld_until IS NOT NULL", indexed: true },
};

/** Entries of one kind, newest first. A page may be short, and still have a next one: it looks through a window of the log. */
export async function readByKind(
  sql: Sql,
  keys: LedgerKeys,
  kind: EntryKind,
  page: PageOptions = {},
): Promise<LedgerPage> {
  if (kind === "clock") return readByActor(sql, keys, { kind: "node", id: CLOCK_ACTOR }, page);
  const { sql: condition, indexed } = KIND_CONDITIONS[kind];
  if (indexed) return readPage(sql, keys, { ...page, condition, values: [] });
  return readWindow(sql, keys, { ...page, condition });
}

/** What meets a condition that no index knows, in one window of the log. */
async function readWindow(
  sql: Sql,
  keys: LedgerKeys,
  { condition, ...page }: PageOptions & { readonly condition: string },
): Promise<LedgerPage> {
  const [last] = await sql.query<{ readonly id: number | null }>("SELECT max(id) AS id FROM ledger.entry");
  const above = Math.min(page.before ?? Number.MAX_SAFE_INTEGER, (last?.id ?? 0) + 1);
  const low = Math.max(0, above - KIND_WINDOW_ENTRIES);
  const found = await readPage(sql, keys, { ...page, condition: `${condition} AND e.id >= $3`, values: [low] });
  return { ...found, next: found.next ?? (low > 0 ? low : undefined) };
}

/** What one case brought about. */
export function readByCase(sql: Sql, keys: LedgerKeys, caseId: string, page: PageOptions = {}): Promise<LedgerPage> {
  return readPage(sql, keys, { ...page, text: byCase, values: [pseudonyms(keys, "case", caseId)] });
}

/** How many entries a case brought about, counted up to a limit: none is opened for it. */
export async function countByCase(sql: Sql, keys: LedgerKeys, caseId: string, limit: number): Promise<number> {
  const values = [null, Math.min(limit, PAGE_MAX_RECORDS), pseudonyms(keys, "case", caseId)];
  const [row] = await sql.query<{ readonly count: number }>(COUNT_BY_CASE, values);
  return row?.count ?? 0;
}

/** What one actor did. */
export function readByActor(
  sql: Sql,
  keys: LedgerKeys,
  actor: Pick<LedgerActor, "kind" | "id">,
  page: PageOptions = {},
): Promise<LedgerPage> {
  const names = pseudonyms(keys, `actor ${actor.kind}`, actor.id);
  return readPage(sql, keys, { ...page, text: byActor, values: [names] });
}

/**
 * What concerns one person or organization, as they themselves may see it: of other subjects nothing is told, and
 * entries under a lawful secrecy are left out until their review date.
 * @param page.today YYYY-MM-DD; without it, withheld entries are shown too (an auditor's view)
 */
export async function readBySubject(
  sql: Sql,
  keys: LedgerKeys,
  subject: Pick<LedgerSubject, "kind" | "id">,
  page: PageOptions & { readonly today?: string | undefined } = {},
): Promise<LedgerPage> {
  const found = await readPage(sql, keys, {
    ...page,
    text: () => BY_SUBJECT,
    values: [pseudonyms(keys, `subject ${subject.kind}`, subject.id), page.today ?? null],
  });
  const own = ({ kind, id }: LedgerSubject): boolean => kind === subject.kind && id === subject.id;
  return { ...found, records: found.records.map((record) => ({ ...record, subjects: record.subjects.filter(own) })) };
}

/** Numbers of entries are below this: those of volumes of 4,096 fit into 31 bits. */
const IDS_END = 2 ** 43;

/** Volume by volume, as the index has them, the newest first (migrations/0006-smaller-indexes.sql). */
const byActor = (shown: string): string => `
  ${ROW} WHERE e.id = ANY (ARRAY (
    SELECT found.id FROM unnest($3::bytea[]) AS one (name), LATERAL (
      SELECT e.id FROM ledger.entry e
       WHERE hashbytea(e.actor) = hashbytea(one.name) AND e.actor = one.name AND (${shown})
         AND (e.id >> 12)::int <= ((coalesce($1::bigint, ${IDS_END}) - 1) >> 12)::int AND e.id < coalesce($1::bigint, ${IDS_END})
       ORDER BY (e.id >> 12)::int DESC, e.id DESC LIMIT $2) AS found
     ORDER BY found.id DESC LIMIT $2))
   ORDER BY e.id DESC`;

/**
 * The newest entries that have one of the names $3 in this column, at most $2 of each: looked for in each volume, as the index has
 * them (migrations/0006-smaller-indexes.sql). A $1 that is null bounds nothing: LEAST leaves it out.
 */
const namedIds = (column: "case_ref" | "subject", condition = "true"): string => `
  SELECT named.id
    FROM generate_series(0, (SELECT (least(max(id), $1::bigint - 1) >> 16)::int FROM ledger.entry)) AS volume,
    unnest($3::bytea[]) AS one (name),
    LATERAL (
      SELECT id FROM ledger.entry e
       WHERE (id >> 16)::int = volume AND hashbytea(${column}) = hashbytea(one.name) AND ${column} = one.name AND ${condition}
         AND id >= volume::bigint << 16 AND id < least((volume + 1)::bigint << 16, $1::bigint)
       ORDER BY id DESC LIMIT $2) AS named`;

const byCase = (shown: string): string => `
  ${ROW} WHERE e.id = ANY (ARRAY (${namedIds("case_ref", shown)} ORDER BY id DESC LIMIT $2))
   ORDER BY e.id DESC`;

/** Up to $2 of them. */
const COUNT_BY_CASE = `SELECT count(*)::int AS count FROM (${namedIds("case_ref")} LIMIT $2) AS found`;

const READABLE = `($4::date IS NULL OR withheld_until IS NULL OR (${SHOWN_FROM}) <= $4::date)`;
/** Of entries that are older than their own column (migrations/0003-entry-in-one-row.sql), the subject's row alone says it. */
const SUBJECT_SHOWN_FROM = `coalesce((SELECT ${SHOWN_FROM} FROM ledger.entry e WHERE e.id = s.entry_id), s.withheld_until)`;
/** The first subject stands in the entry's row, the others by themselves. */
const BY_SUBJECT = `
  ${ROW} WHERE e.id = ANY (ARRAY (
      (${namedIds("subject", READABLE)})
      UNION
      (SELECT entry_id FROM unnest($3::bytea[]) AS one (name), LATERAL (
       SELECT entry_id FROM ledger.subject s
        WHERE pseudonym = one.name AND ($4::date IS NULL OR s.withheld_until IS NULL OR ${SUBJECT_SHOWN_FROM} <= $4::date)
          AND ($1::bigint IS NULL OR entry_id < $1::bigint)
        ORDER BY entry_id DESC LIMIT $2) AS other)
      ORDER BY id DESC LIMIT $2))
   ORDER BY e.id DESC`;

interface PageQuery extends PageOptions {
  readonly values: readonly unknown[];
}

/** Which rows: by a condition on `e`, or by a whole statement. $1 is the id before which to read, $2 how many. */
type PageRows = { readonly condition: string } | { readonly text: (shown: string) => string };

async function readPage(sql: Sql, keys: LedgerKeys, query: PageQuery & PageRows): Promise<LedgerPage> {
  const limit = Math.min(Math.max(query.limit ?? 20, 1), PAGE_MAX_RECORDS);
  const values = [query.before ?? null, limit + 1, ...query.values];
  const shown = query.shown?.((value) => `$${values.push(value)}`) ?? "true";
  const text =
    "text" in query
      ? query.text(shown)
      : `${ROW} WHERE ${query.condition} AND (${shown}) AND ($1::bigint IS NULL OR e.id < $1::bigint) ORDER BY e.id DESC LIMIT $2`;
  const rows = await sql.query<EntryRow>(text, values);
  const page = rows.slice(0, limit);
  return { records: page.map((row) => toRecord(row, keys)), next: rows.length > limit ? page.at(-1)?.id : undefined };
}

/** What is kept of a row apart from its leaf; nothing where it was erased. */
export function keptOf({ sealed, leaf }: Pick<EntryRow, "leaf" | "sealed">, keys: LedgerKeys): KeptContent {
  return sealed === null || isClosed(sealed, keys) ? { subjects: [] } : openContent(sealed, leaf, keys);
}

function toRecord(row: EntryRow, keys: LedgerKeys): LedgerRecord {
  const leaf = parseLeaf(row.leaf);
  if (leaf === undefined) throw new TypeError(`entry ${row.id} is not of a version that is understood`);
  const kept = keptOf(row, keys);
  const withheldUntil = row.shown_from ?? kept.content?.value.secrecy?.reviewOn;
  return {
    id: row.id,
    leaf,
    content: kept.content?.value,
    subjects: kept.subjects.filter(isThere).map(({ part }) => part),
    ...(withheldUntil !== undefined && { withheldUntil }),
  };
}

function isThere(subject: KeptSubject): subject is Extract<KeptSubject, { readonly part: unknown }> {
  return "part" in subject;
}
