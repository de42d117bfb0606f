import type { Bind } from "#lib/cedar/row-sql";
import type { Sql } from "../database/sql.ts";
import type { LedgerEntryType } from "./entry.ts";
import type { LedgerRecord } from "./records.ts";

/** What an auditor narrows a list of entries to. All that are given must hold. */
export interface EntryFilter {
  /** ISO 8601, UTC, in whole seconds: from this instant on, by the entry's own time. */
  readonly from?: string;
  /** ISO 8601, UTC, in whole seconds: before this instant. */
  readonly until?: string;
  readonly room?: string;
  readonly operation?: string;
  readonly type?: LedgerEntryType;
  /** Of which authority whoever acted was. It is sealed with the entry, so each entry that fits otherwise is opened. */
  readonly authority?: string;
}

/** Of a longer time it is not looked up first where its entries lie: as many windows of the log are looked through as it takes. */
const JUMP_MAX_DAYS = 92;
const SECONDS_CHARACTERS = 19;
/** A leaf is canonical JSON, whose first member is its time: `{"at":"2026-03-02T01:00:00Z",…`. The index `entry_at` has the same words. */
const AT = `substring(e.leaf from 8 for ${SECONDS_CHARACTERS})`;

/** What of a filter stands in the leaf, as SQL on `e`. */
export function filterCondition(filter: EntryFilter, bind: Bind): string {
  const { from, until, type } = filter;
  const conditions = [
    ...(from === undefined ? [] : [`${AT} >= ${bind(seconds(from))}::bytea`]),
    ...(until === undefined ? [] : [`${AT} < ${bind(seconds(until))}::bytea`]),
    ...(type === undefined ? [] : [has(bind, { type })]),
    ...named(filter, bind),
  ];
  return conditions.length === 0 ? "true" : conditions.join(" AND ");
}

/** Members of a canonical leaf stand in the order of their names: operation, then room. */
function named({ room, operation }: EntryFilter, bind: Bind): readonly string[] {
  if (room !== undefined && operation !== undefined) return [has(bind, { operation, room })];
  if (room !== undefined) return [has(bind, { room })];
  return operation === undefined ? [] : [has(bind, { operation })];
}

/** Quotation marks within a value are escaped: a member is found as it is written. */
function has(bind: Bind, members: Readonly<Record<string, string>>): string {
  const written = JSON.stringify(members).slice(1, -1);
  return `position(${bind(Buffer.from(written))}::bytea in e.leaf) > 0`;
}

function seconds(instant: string): Buffer {
  return Buffer.from(instant.slice(0, SECONDS_CHARACTERS));
}

/** What of a filter is sealed with the entry. An entry whose content was erased tells nothing of it any more. */
export function fitsContent({ content }: LedgerRecord, { authority }: EntryFilter): boolean {
  return authority === undefined || content?.actor.authority === authority;
}

/** Between which numbers the entries of a time lie; undefined where that is not looked up. */
export async function boundsOf(
  sql: Sql,
  { from, until }: EntryFilter,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  if (from === undefined || until === undefined) return undefined;
  const hours = Temporal.Instant.from(from).until(Temporal.Instant.from(until), { largestUnit: "hours" }).hours;
  if (hours > JUMP_MAX_DAYS * 24) return undefined;
  const [row] = await sql.query<{ readonly first: number | null; readonly last: number | null }>(
    // Not by the order of the numbers, in which all of the log might be passed through: the time's index leads there.
    `SELECT min(id) AS first, max(id) AS last FROM
       (SELECT e.id FROM ledger.entry e WHERE ${AT} >= $1::bytea AND ${AT} < $2::bytea OFFSET 0) AS found`,
    [seconds(from), seconds(until)],
  );
  return { first: row?.first ?? 0, last: row?.last ?? -1 };
}
