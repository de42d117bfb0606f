import { hasSecrecyMark } from "#lib/secrecy/secrecy-mark";
import { implement } from "../implement.ts";

export const publishDecision = implement("publishDecision", async (ctx, decision) => {
  const { items } = await ctx.registers.decision.find({ caseId: decision.caseId }, { limit: 1 });
  if (items[0]) return { id: items[0].key };
  if (hasSecrecyMark(`${decision.content}\n${decision.party}`)) return ctx.refuse("withheld-secret");
  return { id: await ctx.registers.decision.put({ ...decision, publishedOn: ctx.today }) };
});
