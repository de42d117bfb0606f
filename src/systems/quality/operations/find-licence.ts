import { implement } from "../implement.ts";

export const findLicence = implement("findLicence", async (ctx, { number }) => {
  const { items } = await ctx.registers.foodLicence.find({ number: number.toUpperCase() }, { limit: 1 });
  return items[0]?.value ?? ctx.refuse("not-found");
});
