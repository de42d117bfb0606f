import { tellChange } from "../changed.ts";
import { settle } from "../deliveries.ts";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { subscriptionOf } from "../subscriptions.ts";

/** It becomes a dead letter, and later ones of its key wait behind it. */
export const rejectEvent = implement("rejectEvent", async (ctx, { room, member, type, id, reason }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(ctx.tables.read(), admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ seq: number; attempts: number }>(
    `SELECT d.seq, d.attempts FROM events.delivery d JOIN events.event e ON e.seq = d.seq
     WHERE d.subscription = $1 AND e.id = $2 AND d.state = 'waiting' FOR UPDATE OF d`,
    [known.id, id],
  );
  if (!row) return ctx.refuse("event-unknown");
  const dead = { state: "dead", attempts: row.attempts + 1, reason } as const;
  await settle(sql, known.id, { nexts: new Map([[row.seq, dead]]), now: ctx.now });
  await tellChange(sql);
  return {};
});
