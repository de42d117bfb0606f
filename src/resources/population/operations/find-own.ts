import { implement } from "../implement.ts";

export const findOwn = implement("findOwn", async (ctx) => {
  const { principal } = ctx.act;
  const entry = principal.kind === "person" ? await ctx.registers.person.get(principal.id) : undefined;
  return entry ? { id: entry.key, ...entry.value } : ctx.refuse("not-found");
});
