import type { Bind } from "#lib/cedar/row-sql";
import type { Sql } from "../database/sql.ts";
import { INTACT } from "./checks.ts";
import { boundsOf, type EntryFilter, filterCondition, fitsContent } from "./filter.ts";
import { PAGE_MAX_RECORDS } from "./limits.ts";
import type { EntryKind, LedgerPage, LedgerRecord, PageOptions } from "./records.ts";

/** Pages, or windows of the log, that one page of a narrowed list looks through. It may be short, and still have a next one. */
export const FILTERED_READS_MAX = 25;

export interface FilteredOptions extends PageOptions {
  readonly limit: number;
  readonly filter: EntryFilter;
  readonly kind?: EntryKind | undefined;
  /** What else must hold of an entry once it is opened. */
  readonly fits?: (record: LedgerRecord) => boolean;
}

/**
 * Entries that a filter leaves of a list, newest first. What of the filter stands in the leaf, the database looks for; what is sealed is looked at
 * in each entry that is left.
 * @param list one of the ledger's lists
 */
export async function readFiltered(
  sql: Sql,
  list: (page: PageOptions) => Promise<LedgerPage>,
  { limit, before, filter, kind, shown, ...wanted }: FilteredOptions,
): Promise<LedgerPage> {
  const bounds = await boundsOf(sql, filter);
  const both = (bind: Bind) => `(${shown?.(bind) ?? "true"}) AND ${filterCondition(filter, bind)}`;
  const opens = filter.authority !== undefined || kind === "failed-checks" || wanted.fits !== undefined;
  const fits = (record: LedgerRecord) =>
    fitsContent(record, filter) && (kind !== "failed-checks" || isFailed(record)) && (wanted.fits?.(record) ?? true);
  const found: LedgerRecord[] = [];
  let next = bounds === undefined ? before : Math.min(before ?? bounds.last + 1, bounds.last + 1);
  for (let reads = 0; reads < FILTERED_READS_MAX; reads += 1) {
    const room = limit - found.length;
    const page = await list({ before: next, shown: both, limit: opens ? PAGE_MAX_RECORDS : room });
    const fitting = page.records.filter(fits);
    found.push(...fitting.slice(0, room));
    next = fitting.length > room ? found.at(-1)?.id : page.next;
    if (next !== undefined && next <= (bounds?.first ?? 0)) next = undefined;
    if (next === undefined || found.length === limit) break;
  }
  return { records: found, next };
}

function isFailed({ content }: LedgerRecord): boolean {
  return content !== undefined && content.outcome !== INTACT;
}
