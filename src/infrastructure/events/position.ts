import type { Sql } from "#kernel/database/sql";

/**
 * Behind which number of the log to begin, so that what was published from an instant on comes. What waits in the outbox at this
 * moment comes as well.
 */
export async function positionBefore(sql: Sql, type: string, from: string): Promise<number> {
  if (from === "beginning") return 0;
  const [row] = await sql.query<{ position: number }>(
    from === "now"
      ? "SELECT coalesce(max(seq), 0) AS position FROM events.event"
      : `SELECT coalesce((SELECT min(seq) - 1 FROM events.event WHERE type = $1 AND at >= $2),
           (SELECT max(seq) FROM events.event), 0) AS position`,
    from === "now" ? [] : [type, from],
  );
  return row?.position ?? 0;
}
