import { implement } from "../implement.ts";

/** Marks of state secrets (保守国家秘密法 §15: 绝密, 机密, 秘密, with ★): this node takes none of them. */
const SECRECY_MARK = /(?:绝密|机密|秘密)\s*★/;

export const publishDecision = implement("publishDecision", async (ctx, decision) => {
  const { items } = await ctx.registers.decision.find({ caseId: decision.caseId }, { limit: 1 });
  if (items[0]) return { id: items[0].key };
  if (SECRECY_MARK.test(`${decision.content}${decision.party}`)) return ctx.refuse("withheld-secret");
  return { id: await ctx.registers.decision.put({ ...decision, publishedOn: ctx.today }) };
});
