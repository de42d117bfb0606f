import { implement } from "../implement.ts";
import { dataRightsPorts } from "../ports.ts";
import { SEALING_LIST_LENGTH } from "../sealing-contract.ts";
import { isReviewDay, officialOf } from "../sealings.ts";

export const askSealing = implement("askSealing", async (ctx, { caseNumber, subject, ...asked }) => {
  const found = await dataRightsPorts().concernedIn(ctx.act, caseNumber);
  if (!found) return ctx.refuse("no-case");
  const whom = found.subjects.find(({ id }) => id === subject);
  if (!whom) return ctx.refuse("not-concerned");
  if (!isReviewDay(asked.reviewOn, ctx.today)) return ctx.refuse("bad-review");
  const { id: askedBy, authority } = officialOf(ctx.act);
  const { caseId } = found;
  const before = await ctx.registers.sealing.find({ caseId, subject, authority }, { limit: SEALING_LIST_LENGTH });
  if (before.items.some(({ value }) => value.status === "asked" || value.status === "in-force")) {
    return ctx.refuse("exists");
  }
  const id = await ctx.registers.sealing.put({
    ...asked,
    ...{ caseId, caseNumber: found.caseNumber, authority, askedBy },
    ...{ subject, subjectKind: whom.kind, subjectName: whom.name, status: "asked" },
  });
  return { id };
});
