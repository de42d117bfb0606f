import type { Sql } from "../database/sql.ts";
import { type KeptContent, type KeptSubject, openContent, parseLeaf } from "./content.ts";
import type { LedgerActor, LedgerContent, LedgerLeaf, LedgerSubject } from "./entry.ts";
import { type LedgerKeys, pseudonym } from "./keys.ts";
import { PAGE_MAX_RECORDS } from "./limits.ts";

/** An entry as it is read back. */
export interface LedgerRecord {
  /** The entry's own number. Its index in the log comes with its receipt. */
  readonly id: number;
  readonly leaf: LedgerLeaf;
  /** Undefined when it was erased. */
  readonly content: LedgerContent | undefined;
  /** Whom it concerns; those that were erased are missing. */
  readonly subjects: readonly LedgerSubject[];
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
}

/** A row with everything that belongs to one entry. */
export interface EntryRow {
  readonly id: number;
  readonly leaf: Buffer;
  readonly sealed: Buffer | null;
}

const ROW = "SELECT e.id, e.leaf, c.sealed FROM ledger.entry e LEFT JOIN ledger.content c ON c.entry_id = e.id";

/** Reads entries by their ids. Missing ones are left out. */
export async function readEntryRows(sql: Sql, ids: readonly number[]): Promise<readonly EntryRow[]> {
  return await sql.query<EntryRow>(`${ROW} WHERE e.id = ANY($1::bigint[])`, [ids]);
}

/** One entry with its content. */
export async function readRecord(sql: Sql, keys: LedgerKeys, id: number): Promise<LedgerRecord | undefined> {
  const [row] = await readEntryRows(sql, [id]);
  return row === undefined ? undefined : toRecord(row, keys);
}

/** The newest entries. */
export function readLatest(sql: Sql, keys: LedgerKeys, page: PageOptions = {}): Promise<LedgerPage> {
  return readPage(sql, keys, { ...page, from: ROW, column: "e.id", condition: "true", values: [] });
}

/** What one case brought about. */
export function readByCase(sql: Sql, keys: LedgerKeys, caseId: string, page: PageOptions = {}): Promise<LedgerPage> {
  const values = [pseudonym(keys, "case", caseId)];
  return readPage(sql, keys, { ...page, from: ROW, column: "c.entry_id", condition: "c.case_ref = $3", values });
}

/** What one actor did. */
export function readByActor(
  sql: Sql,
  keys: LedgerKeys,
  actor: Pick<LedgerActor, "kind" | "id">,
  page: PageOptions = {},
): Promise<LedgerPage> {
  const values = [pseudonym(keys, `actor ${actor.kind}`, actor.id)];
  return readPage(sql, keys, { ...page, from: ROW, column: "c.entry_id", condition: "c.actor = $3", values });
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
    from: `${ROW} JOIN ledger.subject s ON s.entry_id = e.id`,
    column: "s.entry_id",
    condition: "s.pseudonym = $3 AND ($4::date IS NULL OR s.withheld_until IS NULL OR s.withheld_until <= $4::date)",
    values: [pseudonym(keys, `subject ${subject.kind}`, subject.id), page.today ?? null],
  });
  const own = ({ kind, id }: LedgerSubject): boolean => kind === subject.kind && id === subject.id;
  return { ...found, records: found.records.map((record) => ({ ...record, subjects: record.subjects.filter(own) })) };
}

interface PageQuery extends PageOptions {
  readonly from: string;
  readonly column: string;
  readonly condition: string;
  readonly values: readonly unknown[];
}

async function readPage(sql: Sql, keys: LedgerKeys, query: PageQuery): Promise<LedgerPage> {
  const limit = Math.min(Math.max(query.limit ?? 20, 1), PAGE_MAX_RECORDS);
  const rows = await sql.query<EntryRow>(
    `${query.from} WHERE ${query.condition} AND ($1::bigint IS NULL OR ${query.column} < $1::bigint)
      ORDER BY ${query.column} DESC LIMIT $2`,
    [query.before ?? null, limit + 1, ...query.values],
  );
  const shown = rows.slice(0, limit);
  return { records: shown.map((row) => toRecord(row, keys)), next: rows.length > limit ? shown.at(-1)?.id : undefined };
}

function toRecord(row: EntryRow, keys: LedgerKeys): LedgerRecord {
  const leaf = parseLeaf(row.leaf);
  if (leaf === undefined) throw new TypeError(`entry ${row.id} is not of a version that is understood`);
  const kept: KeptContent = row.sealed === null ? { subjects: [] } : openContent(row.sealed, row.leaf, keys);
  return {
    id: row.id,
    leaf,
    content: kept.content?.value,
    subjects: kept.subjects.filter(isThere).map(({ part }) => part),
  };
}

function isThere(subject: KeptSubject): subject is Extract<KeptSubject, { readonly part: unknown }> {
  return "part" in subject;
}
