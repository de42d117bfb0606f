import { implement } from "../implement.ts";

export const findAuthority = implement("findAuthority", async (ctx, wanted) => {
  const entry =
    "id" in wanted
      ? await ctx.registers.authority.get(wanted.id)
      : (await ctx.registers.authority.find({ code: wanted.code }, { limit: 1 })).items[0];
  return entry ? { id: entry.key, ...entry.value } : ctx.refuse("not-found");
});
