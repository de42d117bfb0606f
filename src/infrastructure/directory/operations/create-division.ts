import { referenceDivision } from "../divisions.ts";
import { implement } from "../implement.ts";

export const createDivision = implement("createDivision", async (ctx, division) => {
  if (await referenceDivision(division.code)) return ctx.refuse("exists");
  const taken = await ctx.registers.division.find({ code: division.code }, { limit: 1 });
  if (taken.items.length > 0) return ctx.refuse("exists");
  return { id: await ctx.registers.division.put(division) };
});
