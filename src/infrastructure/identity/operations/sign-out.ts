import { isOwn } from "../accounts.ts";
import { implement } from "../implement.ts";
import { endSession, findSession } from "../sessions.ts";

export const signOut = implement("signOut", async (ctx, { session }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  if (!row) return { session }; // ended already: what was wanted is so
  if (!isOwn(ctx.act, row)) return ctx.refuse("not-yours");
  await endSession(await ctx.tables.write(), session);
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["signed-out"] });
  return { session };
});
