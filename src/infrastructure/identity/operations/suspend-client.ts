import { implement } from "../implement.ts";
import { setStatus } from "../openid/client-rows.ts";

export const suspendClient = implement("suspendClient", async (ctx, { id }) => {
  const known = await setStatus(await ctx.tables.write(), id, { status: "suspended", at: ctx.now });
  return known ? { id } : ctx.refuse("not-found");
});
