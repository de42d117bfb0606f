import { isFault } from "#kernel/errors/fault";
import type { Kernel } from "#kernel/system/kernel";
import { settle } from "./deliveries.ts";
import { MAX_ATTEMPTS } from "./limits.ts";
import { PAYLOAD_LABEL } from "./log.ts";

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

/** Rows of one look for payloads that do not open. */
const LOOK_ROWS = 100;
/** What is published and never gets into the log (the type's contract is gone, or nobody distributes here) is kept so long. */
const OUTBOX_RETENTION_DAYS = 365;

/** Removes what left its act and found no room for a year. */
export async function removeUnclaimed({ database, now }: Pick<Kernel, "database" | "now">): Promise<number> {
  for (let removed = 0; ; ) {
    const gone = await database.execute(
      `DELETE FROM act.event WHERE id IN (
         SELECT id FROM act.event WHERE at < $1::timestamptz - make_interval(days => $2) ORDER BY id LIMIT $3)`,
      [now(), OUTBOX_RETENTION_DAYS, BATCH_EVENTS],
    );
    removed += gone;
    if (gone < BATCH_EVENTS) return removed;
  }
}

/**
 * Of what is pulled: what was damaged where it lies becomes a dead letter, since nobody can take it. What is pushed shows it when its turn comes.
 * @returns how many
 */
export async function buryUnreadable({
  database,
  vault,
  now,
}: Pick<Kernel, "database" | "vault" | "now">): Promise<number> {
  let buried = 0;
  for (let after = { subscription: NO_UUID, seq: 0 }; ; ) {
    const rows = await database.query<{ subscription: string; seq: number; id: string; payload: Buffer }>(
      `SELECT d.subscription, d.seq, e.id, e.payload FROM events.delivery d JOIN events.event e ON e.seq = d.seq
       JOIN events.subscription s ON s.id = d.subscription AND s.delivery = 'PULL'
       WHERE d.state = 'waiting' AND (d.subscription, d.seq) > ($1, $2) ORDER BY d.subscription, d.seq LIMIT $3`,
      [after.subscription, after.seq, LOOK_ROWS],
    );
    for (const { subscription, seq, id, payload } of rows) {
      const reason = problemOf(() => vault.open(PAYLOAD_LABEL, payload, id));
      if (reason === undefined) continue;
      const nexts = new Map([[seq, { state: "dead", attempts: MAX_ATTEMPTS, reason } as const]]);
      await database.transaction((tx) => settle(tx, subscription, { nexts, now: now() }));
      buried += 1;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < LOOK_ROWS) return buried;
    after = last;
  }
}

const NO_UUID = "00000000-0000-0000-0000-000000000000";

function problemOf(open: () => unknown): string | undefined {
  try {
    open();
    return undefined;
  } catch (error) {
    if (!isFault(error)) throw error;
    return error.code;
  }
}
