import { implement } from "../implement.ts";
import { mergersOf, withMerger } from "../network/mergers.ts";

export const findAuthority = implement("findAuthority", async (ctx, wanted) => {
  const entry =
    "id" in wanted
      ? await ctx.registers.authority.get(wanted.id)
      : (await ctx.registers.authority.find({ code: wanted.code }, { limit: 1 })).items[0];
  if (entry === undefined) return ctx.refuse("not-found");
  return withMerger({ id: entry.key, ...entry.value }, await mergersOf(ctx.registers));
});
