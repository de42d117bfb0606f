import type { Database } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { readFeed } from "./feed.ts";
import { ROUND_MAX_CHANGES, ROUNDS_MAX } from "./limits.ts";

/**
 * What is committed gets its position, and the sums of what stands follow, in one statement. The order is that of the numbers that
 * triggers drew: who changed an entry after another saw the other's change committed, so it is in the same round with a greater number or
 * in a later one.
 */
const ROUND = `
  WITH taken AS (
    DELETE FROM feed.pending p
     USING (SELECT id FROM feed.pending WHERE feed = $1 ORDER BY id LIMIT $2) AS next
     WHERE p.feed = $1 AND p.id = next.id RETURNING p.*),
  numbered AS (
    SELECT t.*, f.position + row_number() OVER (ORDER BY t.id) AS position,
           feed.place(t.key) >> (16 - f.leaf_bits) AS leaf
      FROM taken t, feed.feed f WHERE f.id = $1),
  logged AS (
    INSERT INTO feed.change (feed, position, added, key, valid_from, recorded_from, division, digest, noted_at)
    SELECT feed, position, added, key, valid_from, recorded_from, division, digest, noted_at FROM numbered),
  leaves AS (
    INSERT INTO feed.leaf AS l (feed, division, leaf, entries, a, b)
    SELECT $1, division, leaf, sum(CASE WHEN added THEN 1 ELSE -1 END), bit_xor(substr(digest, 1, 8)::bigint),
           bit_xor(substr(digest, 9, 8)::bigint)
      FROM numbered GROUP BY division, leaf
    ON CONFLICT (feed, division, leaf) DO UPDATE
       SET entries = l.entries + excluded.entries, a = l.a # excluded.a, b = l.b # excluded.b),
  totals AS (
    INSERT INTO feed.total AS t (feed, division, entries, a, b)
    SELECT $1, division, sum(CASE WHEN added THEN 1 ELSE -1 END), bit_xor(substr(digest, 1, 8)::bigint),
           bit_xor(substr(digest, 9, 8)::bigint)
      FROM numbered GROUP BY division
    ON CONFLICT (feed, division) DO UPDATE
       SET entries = t.entries + excluded.entries, a = t.a # excluded.a, b = t.b # excluded.b)
  UPDATE feed.feed SET position = position + (SELECT count(*) FROM taken) WHERE id = $1
  RETURNING position, (SELECT count(*) FROM taken) AS taken`;

/**
 * Gives positions to all that is committed now.
 * @returns the newest position
 * @throws ERR_FEED_UNKNOWN, ERR_FEED_ROUNDS
 */
export async function givePositions(database: Database, store: RegisterStore): Promise<number> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { position, taken } = await database.transaction(async (tx) => {
      const feed = await readFeed(tx, store, true);
      // Statements after the lock see what whoever held it before wrote.
      const [row] = await tx.query<{ position: number; taken: number }>(ROUND, [feed.id, ROUND_MAX_CHANGES]);
      assert(row, "an update of a locked row gives it");
      return row;
    });
    if (taken < ROUND_MAX_CHANGES) return position;
  }
  throw new Fault("ERR_FEED_ROUNDS", { message: store.id });
}
