import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { subscriptionOf } from "../subscriptions.ts";

export const unsubscribe = implement("unsubscribe", async (ctx, { room, member, type }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const known = await subscriptionOf(ctx.tables.read(), admitted.participantId, type);
  if (!known) return ctx.refuse("subscription-unknown");
  const sql = await ctx.tables.write();
  await sql.execute("UPDATE events.subscription SET state = 'ended' WHERE id = $1", [known.id]);
  await sql.execute("DELETE FROM events.delivery WHERE subscription = $1", [known.id]);
  return {};
});
