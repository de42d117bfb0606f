import type { Database } from "../database/sql.ts";

/** How far an entry's time may lie before that of one that stands before it: an act's time is its beginning, and it may take a while. */
export const ENTRY_TIME_TOLERANCE_MINUTES = 10;
/** A look lists so many. */
const LISTED_MAX = 100;

/** An entry whose time does not fit where it stands. */
export interface OddTime {
  readonly entryId: number;
  readonly at: string;
  /**
   * `back`: an entry before it is later: the clock was turned back. `before-witness`: a witness signed, later than this entry says it
   * is, a log without it. `after-witness`: a witness signed a log with it, earlier than it says it is.
   */
  readonly kind: "back" | "before-witness" | "after-witness";
  /** The time that contradicts it. */
  readonly against: string;
}

const AT = `substring(convert_from(leaf, 'UTF8') from '"at":"([^"]+)"')::timestamptz`;
const TOLERANCE = `interval '${ENTRY_TIME_TOLERANCE_MINUTES} minutes'`;

/** Each first entry after which the time of the log goes back. */
const BACK = `
  WITH timed AS (SELECT era, xid, id, ${AT} AS at FROM ledger.entry),
    compared AS (
      SELECT id, at, max(at) OVER (ORDER BY era, xid, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest,
             lag(at) OVER (ORDER BY era, xid, id) AS last, era, xid
        FROM timed)
  SELECT id, at, latest AS against, 'back' AS kind FROM compared
   WHERE at < latest - ${TOLERANCE} AND at < last - ${TOLERANCE}
   ORDER BY era, xid, id LIMIT $1`;

/** Between two checkpoints that witnesses signed, no entry is earlier than the first signature, nor later than the second. */
const WITNESSED = `
  WITH signed AS (
      SELECT c.size, min(w.at) AS first, max(w.at) AS last, c.last_era, c.last_xid, c.last_id
        FROM witnessing.cosignature w JOIN ledger.checkpoint c USING (size) GROUP BY c.size),
    part AS (
      SELECT lag(last) OVER by_size AS from_at, first AS until_at,
             lag(last_era) OVER by_size AS from_era, lag(last_xid) OVER by_size AS from_xid, lag(last_id) OVER by_size AS from_id,
             last_era, last_xid, last_id
        FROM (SELECT * FROM signed
              UNION ALL SELECT NULL, NULL, NULL, 2147483647, '0'::xid8, 0) AS all_parts
      WINDOW by_size AS (ORDER BY size NULLS LAST))
  SELECT e.id, e.at, CASE WHEN e.at < part.from_at THEN part.from_at ELSE part.until_at END AS against,
         CASE WHEN e.at < part.from_at THEN 'before-witness' ELSE 'after-witness' END AS kind
    FROM part, LATERAL (
      SELECT id, ${AT} AS at, era, xid FROM ledger.entry
       WHERE (era, xid, id) > (coalesce(from_era, 0), coalesce(from_xid, '0'::xid8), coalesce(from_id, 0))
         AND (era, xid, id) <= (last_era, last_xid, last_id)) AS e
   WHERE e.at < part.from_at - ${TOLERANCE} OR e.at > part.until_at + ${TOLERANCE}
   ORDER BY e.era, e.xid, e.id LIMIT $1`;

interface Row {
  readonly id: number;
  readonly at: string;
  readonly against: string;
  readonly kind: OddTime["kind"];
}

/** Entries whose times contradict their order, or the times at which witnesses signed. Reads the whole log. */
export async function oddTimes(
  database: Database,
  options: { readonly timeoutMs: number },
): Promise<readonly OddTime[]> {
  const rows = await database.transaction(
    async (tx) => [...(await tx.query<Row>(BACK, [LISTED_MAX])), ...(await tx.query<Row>(WITNESSED, [LISTED_MAX]))],
    { timeoutMs: options.timeoutMs, readOnly: true },
  );
  return rows.map(({ id, ...row }) => ({ entryId: id, ...row }));
}
