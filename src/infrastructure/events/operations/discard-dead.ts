import { tellChange } from "../changed.ts";
import { deadOf } from "../dead-letters.ts";
import { release } from "../deliveries.ts";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";
import { subscriptionById } from "../subscriptions.ts";

/** This subscriber never gets it; the log keeps it for the others. What it held up goes on. */
export const discardDead = implement("discardDead", async (ctx, { subscription, event, reason }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const known = await subscriptionById(ctx.tables.read(), subscription);
  if (!known) return ctx.refuse("subscription-unknown");
  const sql = await ctx.tables.write();
  const seqs = await deadOf(sql, subscription, { events: [event], limit: 1 });
  if (seqs.length === 0) return ctx.refuse("dead-unknown");
  await sql.execute("DELETE FROM events.delivery WHERE subscription = $1 AND seq = ANY($2::bigint[])", [
    subscription,
    seqs,
  ]);
  await release(sql, subscription, ctx.now);
  await ctx.record({
    type: "exchange",
    operation: "dead-letters-discarded",
    detail: { subscription, member: known.member, event, reason },
  });
  await tellChange(sql);
  return {};
});
