import type { Sql } from "#kernel/database/sql";

/** Told when a subscription changed: it may have room, or something to be delivered. */
export const CHANGED_CHANNEL = "events:changed";

/** Has the distribution look: with the commit. */
export async function tellChange(sql: Sql): Promise<void> {
  await sql.query("SELECT pg_notify($1, '')", [CHANGED_CHANNEL]);
}
