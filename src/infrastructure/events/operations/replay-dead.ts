import { MAX_EVENTS } from "#infrastructure/events";
import { tellChange } from "../changed.ts";
import { deadOf } from "../dead-letters.ts";
import { revive } from "../deliveries.ts";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";
import { subscriptionById } from "../subscriptions.ts";

export const replayDead = implement("replayDead", async (ctx, { subscription, events }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const known = await subscriptionById(ctx.tables.read(), subscription);
  if (!known) return ctx.refuse("subscription-unknown");
  const sql = await ctx.tables.write();
  const seqs = await deadOf(sql, subscription, { events, limit: MAX_EVENTS });
  if (seqs.length === 0) return ctx.refuse("dead-unknown");
  const replayed = await revive(sql, subscription, { seqs, now: ctx.now });
  await ctx.record({ type: "exchange", operation: "dead-letters-replayed", detail: { subscription, count: replayed } });
  await tellChange(sql);
  return { replayed };
});
