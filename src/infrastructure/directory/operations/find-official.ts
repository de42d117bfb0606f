import { implement } from "../implement.ts";

export const findOfficial = implement("findOfficial", async (ctx, { id }) => {
  const entry = await ctx.registers.official.get(id);
  return entry ? { id: entry.key, ...entry.value } : ctx.refuse("not-found");
});
