import { implement } from "../implement.ts";
import { participationPorts } from "../ports.ts";

export const ratingOfCase = implement("ratingOfCase", async (ctx, { caseId }) => {
  if (!(await participationPorts().caseOf(ctx.act, caseId))) return ctx.refuse("not-found");
  const { items } = await ctx.registers.rating.find({ caseId }, { limit: 1 });
  const [entry] = items;
  if (!entry) return ctx.refuse("not-found");
  const { person: _, ...shown } = entry.value;
  return { ...shown, id: entry.key };
});
