import { implement } from "../implement.ts";
import { isReviewDay, officialOf } from "../sealings.ts";

export const prolongSealing = implement("prolongSealing", async (ctx, { id, reviewOn, reason }) => {
  const held = await ctx.registers.sealing.lock(id);
  const { id: by, authority } = officialOf(ctx.act);
  if (held?.value.status !== "in-force" || held.value.authority !== authority) return ctx.refuse("not-found");
  // What they see already is not taken from them again.
  if (held.value.reviewOn <= ctx.today) return ctx.refuse("over");
  if (!isReviewDay(reviewOn, ctx.today) || reviewOn <= held.value.reviewOn) return ctx.refuse("bad-review");
  const asked = { prolongTo: reviewOn, prolongReason: reason, prolongAskedBy: by };
  await ctx.registers.sealing.put({ ...held.value, ...asked }, { key: id });
  return { id };
});
