import { implement } from "../implement.ts";
import { takeUse } from "../use-records.ts";

export const recordUse = implement("recordUse", async (ctx, { number: grant, operation, system, purpose, amount }) => {
  // Another node would count what it did not give.
  if (ctx.act.origin !== undefined) return ctx.refuse("not-local");
  const sql = await ctx.tables.write();
  const { id: act, caseId } = ctx.act;
  const use = await takeUse(sql, { grant, operation, system, purpose, amount, at: ctx.now, act, caseId });
  return use === undefined ? ctx.refuse("spent") : { use: use.id };
});
