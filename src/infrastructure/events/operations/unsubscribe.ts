import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { endSubscription, subscriptionOf } from "../subscriptions.ts";

export const unsubscribe = implement("unsubscribe", async (ctx, { room, member, type }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(ctx.tables.read(), admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  await endSubscription(await ctx.tables.write(), known.id);
  return {};
});
