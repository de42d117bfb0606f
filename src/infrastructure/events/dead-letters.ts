import type { Sql } from "#kernel/database/sql";

/** Dead letters of a subscription, the oldest first: those named, or as many as there may be; locked until the act's end. */
export async function deadOf(
  sql: Sql,
  subscription: string,
  { events, limit }: { readonly events: readonly string[] | undefined; readonly limit: number },
): Promise<readonly number[]> {
  const rows = await sql.query<{ seq: number }>(
    `SELECT d.seq FROM events.delivery d JOIN events.event e ON e.seq = d.seq
     WHERE d.subscription = $1 AND d.state = 'dead' AND ($2::uuid[] IS NULL OR e.id = ANY($2::uuid[]))
     ORDER BY d.seq LIMIT $3 FOR UPDATE OF d`,
    [subscription, events ?? null, limit],
  );
  return rows.map(({ seq }) => seq);
}
