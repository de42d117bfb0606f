import { implement } from "../implement.ts";

export const findDecision = implement("findDecision", async (ctx, { caseNumber }) => {
  const { items } = await ctx.registers.decision.find({ caseNumber }, { limit: 1 });
  return items[0] ? { ...items[0].value, id: items[0].key } : ctx.refuse("not-found");
});
