import { postsHeld } from "../holding.ts";
import { implement } from "../implement.ts";

export const postsOf = implement("postsOf", async (ctx, { official }) => {
  const entry = await ctx.registers.official.get(official);
  if (!entry) return ctx.refuse("not-found");
  return { name: entry.value.name, items: await postsHeld(ctx.registers, official, ctx.today) };
});
