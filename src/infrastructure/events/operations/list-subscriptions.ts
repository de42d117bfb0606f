import { MAX_LISTED } from "#infrastructure/events";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { shown, subscriptionsOf } from "../subscriptions.ts";

export const listSubscriptions = implement("listSubscriptions", async (ctx, { room, member, type }) => {
  const sql = ctx.tables.read();
  const admitted = await admittedAs(sql, ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const rows = await subscriptionsOf(sql, admitted.participantId, { type, limit: MAX_LISTED });
  return { items: rows.map(shown) };
});
