import { MAX_LISTED } from "#infrastructure/events";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";
import { type SubscriptionRow, shown } from "../subscriptions.ts";

interface QueueRow extends SubscriptionRow {
  readonly priority: "urgent" | "normal" | "bulk";
  readonly behind: number;
  readonly waiting: number;
  readonly held: number;
  readonly dead: number;
  readonly delivered: number;
  readonly oldest: string | null;
  readonly failures: number;
  readonly retryAt: string | null;
  readonly lastError: string | null;
  readonly lastDeliveredAt: string | null;
}

/** More than this many are counted as this many: the figure is to be looked at, not to be added up. */
const MAX_COUNTED = 100_000;

export const listQueues = implement("listQueues", async (ctx, { room }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const values: unknown[] = [room ?? null, MAX_COUNTED, MAX_LISTED];
  const visible = ctx.listed({ room: "r.code", type: "t.name" }, (value) => `$${values.push(value)}`);
  const rows = await ctx.tables.read().query<QueueRow>(
    `SELECT s.id, p.member, r.code AS room, t.name AS type, s.delivery, s.ttl_seconds AS "ttlSeconds", s.fifo, s.state, t.priority,
       (SELECT count(*) FROM (SELECT FROM events.event e WHERE e.type = s.type AND e.seq > s.position LIMIT $2) e) AS behind,
       d.waiting, d.held, d.dead, s.delivered,
       (SELECT min(e.at) FROM events.delivery o JOIN events.event e ON e.seq = o.seq WHERE o.subscription = s.id AND o.state = 'waiting') AS oldest,
       s.failures, s.retry_at AS "retryAt", s.last_error AS "lastError", s.last_delivered_at AS "lastDeliveredAt"
     FROM events.subscription s JOIN events.participant p ON p.id = s.participant
     JOIN events.type t ON t.id = s.type JOIN events.room r ON r.id = t.room
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'held') AS held,
         count(*) FILTER (WHERE state = 'dead') AS dead
       FROM events.delivery d WHERE d.subscription = s.id) d
     WHERE s.state <> 'ended' AND ($1::text IS NULL OR r.code = $1) AND ${visible}
     ORDER BY d.dead DESC, d.waiting DESC, r.code, t.name LIMIT $3`,
    values,
  );
  const nowMs = Date.parse(ctx.now);
  return {
    items: rows.map(({ oldest, retryAt, lastError, lastDeliveredAt, ...row }) => ({
      ...row,
      ...shown(row),
      ttlSeconds: row.ttlSeconds ?? undefined,
      ...(oldest !== null && { oldestSeconds: Math.max(0, Math.floor((nowMs - Date.parse(oldest)) / 1_000)) }),
      ...(retryAt !== null && { retryAt }),
      ...(lastError !== null && { lastError }),
      ...(lastDeliveredAt !== null && { lastDeliveredAt }),
    })),
  };
});
