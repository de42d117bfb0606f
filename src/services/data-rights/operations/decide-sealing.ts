import { placeSealing, prolongSealing, SEALING_DELAY_MS } from "#kernel/ledger/sealing";
import { implement } from "../implement.ts";
import { SEALING_GROUNDS } from "../sealing-contract.ts";
import { isReviewDay, officialOf } from "../sealings.ts";

export const decideSealing = implement("decideSealing", async (ctx, { id, approved, reason }) => {
  const held = await ctx.registers.sealing.lock(id);
  const { id: by } = officialOf(ctx.act);
  if (!held) return ctx.refuse("not-found");
  const { value } = held;
  const { prolongTo, prolongReason: _, prolongAskedBy, ...plain } = value;
  const prolongs = value.status === "in-force" && prolongTo !== undefined;
  if (value.status !== "asked" && !prolongs) return ctx.refuse("not-found");
  const asker = prolongs ? prolongAskedBy : value.askedBy;
  if (by === asker || by === value.subject) return ctx.refuse("same-official");
  // Asked for in time and decided too late: what they see already is not taken from them again.
  if (approved && prolongs && value.reviewOn <= ctx.today) return ctx.refuse("over");
  const until = prolongs ? prolongTo : value.reviewOn;
  if (approved && !isReviewDay(until, ctx.today)) return ctx.refuse("bad-review");
  const decided = { decidedBy: by, decisionReason: reason };
  if (prolongs) {
    const reviewOn = approved ? prolongTo : value.reviewOn;
    await ctx.registers.sealing.put({ ...plain, ...decided, reviewOn }, { key: id });
    if (approved) await prolongSealing(await ctx.tables.write(), id, prolongTo);
    return { id };
  }
  const status = approved ? "in-force" : "refused";
  await ctx.registers.sealing.put({ ...value, ...decided, status }, { key: id });
  if (approved) {
    await placeSealing(await ctx.tables.write(), {
      ...{ id, caseId: value.caseId, subjectKind: value.subjectKind, subjectId: value.subject, until },
      ...{ authority: value.authority, askedBy: value.askedBy, approvedBy: by },
      ground: `${SEALING_GROUNDS[value.ground].zh}；${value.basis}`,
      effectiveFrom: new Date(Date.parse(ctx.now) + SEALING_DELAY_MS).toISOString(),
    });
  }
  return { id };
});
