import { implement } from "../implement.ts";

export const publishEnding = implement("publishEnding", async (ctx, ending) => {
  const { items } = await ctx.registers.decision.find({ caseId: ending.caseId }, { limit: 1 });
  const [known] = items;
  if (!known) return { id: await ctx.registers.decision.put({ ...ending, publishedOn: ctx.today }) };
  const { ended, endedOn, endedWhy } = ending;
  await ctx.registers.decision.put({ ...known.value, ended, endedOn, endedWhy }, { key: known.key });
  return { id: known.key };
});
