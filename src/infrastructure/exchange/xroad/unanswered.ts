import type { Sql } from "#kernel/database/sql";

/**
 * Notes that a request which does not bear repetition is about to leave: on disk when this resolves.
 * @returns false where it left before and nobody knows what became of it
 */
export async function beginRequest(
  sql: Sql,
  request: {
    readonly key: Uint8Array;
    readonly service: string;
    readonly endpoint: string;
    readonly act: string;
    readonly at: string;
  },
): Promise<boolean> {
  const { key, service, endpoint, act, at } = request;
  const written = await sql.query(
    `INSERT INTO exchange.unanswered (key, service, endpoint, act, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [key, service, endpoint, act, at],
  );
  return written.length > 0;
}

/** What became of it is known, or it never left. */
export async function forgetRequest(sql: Sql, key: Uint8Array): Promise<void> {
  await sql.execute("DELETE FROM exchange.unanswered WHERE key = $1", [key]);
}
