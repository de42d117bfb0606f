import type { Sql } from "../database/sql.ts";

/** What the sequencer has not put into the log yet. */
export interface WaitingEntries {
  /** At most `MAX_COUNTED_ENTRIES`. */
  readonly entries: number;
  /** The time of the act of the oldest, ISO 8601; undefined when none waits. */
  readonly oldestAt: string | undefined;
}

/** Beyond this the exact number tells no more. */
export const MAX_COUNTED_ENTRIES = 1_000_000;

export async function waitingEntries(sql: Sql): Promise<WaitingEntries> {
  const [row] = await sql.query<{ count: number; oldest: string | null }>(
    `WITH cursor AS (
       SELECT coalesce(max(last_era), 0) AS era, coalesce(max(last_xid::text), '0')::xid8 AS xid, coalesce(max(last_id), 0) AS id
         FROM (SELECT * FROM ledger.checkpoint ORDER BY size DESC LIMIT 1) AS latest),
     waiting AS (
       SELECT e.id, e.leaf FROM cursor c JOIN ledger.entry e ON (e.era, e.xid, e.id) > (c.era, c.xid, c.id)
        ORDER BY e.era, e.xid, e.id LIMIT ${MAX_COUNTED_ENTRIES})
     SELECT (SELECT count(*) FROM waiting) AS count,
       (SELECT convert_from(leaf, 'UTF8')::jsonb ->> 'at' FROM waiting LIMIT 1) AS oldest`,
  );
  return { entries: row?.count ?? 0, oldestAt: row?.oldest ?? undefined };
}
