import type { Database } from "../database/sql.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { readFeed } from "./feed.ts";
import { TRIM_BATCH_CHANGES } from "./limits.ts";

/**
 * Forgets changes that were noted before an instant: whoever is further behind is reconciled instead. The newest stays.
 * @param before ISO 8601 UTC
 * @returns how many
 */
export async function forgetChanges(database: Database, store: RegisterStore, before: string): Promise<number> {
  for (let forgotten = 0; ; ) {
    const batch = await database.transaction(async (tx) => {
      const feed = await readFeed(tx, store, true);
      const [row] = await tx.query<{ upTo: number | null }>(
        `SELECT max(position) AS "upTo" FROM (
           SELECT position, noted_at FROM feed.change WHERE feed = $1 AND position > $2 AND position < $3 ORDER BY position LIMIT $4
         ) AS oldest WHERE noted_at < $5`,
        [feed.id, feed.oldest, feed.position, TRIM_BATCH_CHANGES, before],
      );
      const upTo = row?.upTo ?? null;
      if (upTo === null) return 0;
      await tx.execute("UPDATE feed.feed SET oldest = $2 WHERE id = $1", [feed.id, upTo]);
      return await tx.execute("DELETE FROM feed.change WHERE feed = $1 AND position <= $2", [feed.id, upTo]);
    });
    forgotten += batch;
    if (batch < TRIM_BATCH_CHANGES) return forgotten;
  }
}
