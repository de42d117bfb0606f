import type { Sql } from "#kernel/database/sql";

/** Of a type that was removed the subscriptions end; what was published stays until its time is over. */
export async function endType(sql: Sql, type: string): Promise<void> {
  await sql.execute(
    `WITH ended AS (UPDATE events.subscription SET state = 'ended' WHERE type = $1 AND state <> 'ended' RETURNING id)
     DELETE FROM events.delivery WHERE subscription IN (SELECT id FROM ended)`,
    [type],
  );
}
