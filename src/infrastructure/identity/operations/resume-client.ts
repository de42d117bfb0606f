import { implement } from "../implement.ts";
import { setStatus } from "../openid/client-rows.ts";

export const resumeClient = implement("resumeClient", async (ctx, { id }) => {
  const known = await setStatus(await ctx.tables.write(), id, { status: "active", at: ctx.now });
  return known ? { id } : ctx.refuse("not-found");
});
