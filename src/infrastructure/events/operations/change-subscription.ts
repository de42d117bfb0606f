import { tellChange } from "../changed.ts";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { shown, subscriptionOf } from "../subscriptions.ts";

/** What is not said stays. The order of what is in the window already stays as it was taken up. */
export const changeSubscription = implement("changeSubscription", async (ctx, { room, member, type, ...wanted }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(ctx.tables.read(), admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  if (wanted.delivery === "PUSH" && admitted.target === null) return ctx.refuse("target-missing");
  const sql = await ctx.tables.write();
  await sql.execute(
    `UPDATE events.subscription SET delivery = coalesce($2, delivery), ttl_seconds = coalesce($3, ttl_seconds), fifo = coalesce($4, fifo)
     WHERE id = $1`,
    [known.id, wanted.delivery ?? null, wanted.ttlSeconds ?? null, wanted.fifo ?? null],
  );
  await tellChange(sql);
  const changed = await subscriptionOf(sql, admitted.participantId, type);
  return changed ? shown(changed) : ctx.refuse("subscription-unknown");
});
