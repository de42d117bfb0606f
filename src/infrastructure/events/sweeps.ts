import type { Kernel } from "#kernel/system/kernel";

/** Events that one sweep removes in one statement. */
const BATCH_EVENTS = 1_000;

/**
 * Removes events whose room keeps them no longer, unless one is on its way, is a dead letter, or a subscriber has not come to it.
 * @returns how many
 */
export async function removeOldEvents({ database, now }: Pick<Kernel, "database" | "now">): Promise<number> {
  for (let removed = 0; ; ) {
    const gone = await database.execute(
      `DELETE FROM events.event WHERE seq IN (
         SELECT e.seq FROM events.event e JOIN events.type t ON t.id = e.type JOIN events.room r ON r.id = t.room
         WHERE e.entered_at < $1::timestamptz - make_interval(days => r.retention_days)
           AND NOT EXISTS (SELECT FROM events.delivery d WHERE d.seq = e.seq)
           AND NOT EXISTS (SELECT FROM events.subscription s WHERE s.type = e.type AND s.state <> 'ended' AND s.position < e.seq)
         ORDER BY e.seq LIMIT $2)`,
      [now(), BATCH_EVENTS],
    );
    removed += gone;
    if (gone < BATCH_EVENTS) return removed;
  }
}
