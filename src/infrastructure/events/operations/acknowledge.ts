import { tellChange } from "../changed.ts";
import { settle } from "../deliveries.ts";
import type { Next } from "../delivery-state.ts";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { subscriptionOf } from "../subscriptions.ts";

const DELIVERED: Next = { state: "gone", as: "delivered" };

export const acknowledge = implement("acknowledge", async (ctx, { room, member, type, ids }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(ctx.tables.read(), admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  if (known.delivery === "PUSH") return ctx.refuse("pushed");
  const sql = await ctx.tables.write();
  const rows = await sql.query<{ seq: number }>(
    `SELECT d.seq FROM events.delivery d JOIN events.event e ON e.seq = d.seq
     WHERE d.subscription = $1 AND e.id = ANY($2::uuid[]) AND d.state = 'waiting' ORDER BY d.seq FOR UPDATE OF d`,
    [known.id, ids],
  );
  if (rows.length === 0) return ctx.refuse("event-unknown");
  const nexts = new Map(rows.map(({ seq }) => [seq, DELIVERED]));
  const acknowledged = await settle(sql, known.id, { nexts, now: ctx.now });
  await tellChange(sql);
  return { acknowledged };
});
