import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { endSubscription, subscriptionOf } from "../subscriptions.ts";

/** Another node wants a type no more. */
export const endFollowing = implement("endFollowing", async (ctx, { room, type }) => {
  const { origin } = ctx.act;
  if (origin === undefined || origin.client !== undefined) return ctx.refuse("not-admitted");
  const read = ctx.tables.read();
  const admitted = await admittedAs(read, ctx.act, { room, member: `node:${origin.node}`, right: "any" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(read, admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  await endSubscription(await ctx.tables.write(), known.id);
  return {};
});
