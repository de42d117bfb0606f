import type { Sql } from "./sql.ts";

/**
 * Whether another transaction is open that began before an instant, so long ago: what it wrote nobody has seen. Backups and imports stay open for
 * hours.
 * @param agoMs how long that instant is past; the database's own clock measures it
 */
export async function isOpenSince(sql: Sql, agoMs: number): Promise<boolean> {
  const [row] = await sql.query<{ open: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND xact_start < clock_timestamp() - $1 * interval '1 millisecond') AS open`,
    [Math.max(0, Math.round(agoMs))],
  );
  return row?.open === true;
}
