import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";

interface DeadRow {
  readonly subscription: string;
  readonly event: string;
  readonly sequence: number;
  readonly type: string;
  readonly member: string;
  readonly attempts: number;
  readonly reason: string;
  readonly deadAt: string;
  readonly holds: number;
}

export const listDeadLetters = implement("listDeadLetters", async (ctx, { subscription, limit }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const values: unknown[] = [subscription ?? null, limit];
  const of = { room: "(SELECT r.code FROM events.room r WHERE r.id = t.room)", type: "t.name" };
  const shown = ctx.listed(of, (value) => `$${values.push(value)}`);
  const rows = await ctx.tables.read().query<DeadRow>(
    `SELECT d.subscription, e.id AS event, d.seq AS sequence, t.name AS type, p.member, d.attempts, coalesce(d.reason, '') AS reason,
       d.dead_at AS "deadAt",
       (SELECT count(*) FROM events.delivery h WHERE h.subscription = d.subscription AND h.lane = d.lane AND h.seq > d.seq
          AND h.state = 'held') AS holds
     FROM events.delivery d JOIN events.event e ON e.seq = d.seq JOIN events.type t ON t.id = e.type
     JOIN events.subscription s ON s.id = d.subscription JOIN events.participant p ON p.id = s.participant
     WHERE d.state = 'dead' AND ($1::uuid IS NULL OR d.subscription = $1) AND ${shown}
     ORDER BY d.dead_at, d.seq LIMIT $2`,
    values,
  );
  return { items: [...rows] };
});
