import { unlessTaken } from "#kernel/registers/unless-taken";
import { referenceDivision } from "../divisions.ts";
import { implement } from "../implement.ts";

export const createDivision = implement("createDivision", async (ctx, division) => {
  if (await referenceDivision(division.code)) return ctx.refuse("exists");
  const taken = await ctx.registers.division.find({ code: division.code }, { limit: 1 });
  if (taken.items.length > 0) return ctx.refuse("exists");
  const id = await unlessTaken(ctx.registers.division.put(division));
  return id === undefined ? ctx.refuse("exists") : { id };
});
