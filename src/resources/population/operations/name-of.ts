import { implement } from "../implement.ts";

export const nameOf = implement("nameOf", async (ctx, { id }) => {
  const entry = await ctx.registers.person.get(id);
  return entry ? { name: entry.value.name, lifeStatus: entry.value.lifeStatus } : ctx.refuse("not-found");
});
