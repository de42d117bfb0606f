import { implement } from "../implement.ts";
import { takeUse } from "../use-records.ts";

export const recordUse = implement("recordUse", async (ctx, { number: grant, operation, system, purpose, amount }) => {
  const sql = await ctx.tables.write();
  const { id: act, caseId } = ctx.act;
  const use = await takeUse(sql, { grant, operation, system, purpose, amount, at: ctx.now, act, caseId });
  return use === undefined ? ctx.refuse("spent") : { use };
});
