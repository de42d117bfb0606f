import { implement } from "../implement.ts";
import { contradictionOf, publishPart } from "../network/publish.ts";
import { readMembership } from "../network/rows.ts";

export const renewPart = implement("renewPart", async (ctx) => {
  const membership = await readMembership(await ctx.tables.write());
  if (membership === undefined) return ctx.refuse("not-member");
  const published = await publishPart(ctx, membership, (document) => document);
  return "fault" in published ? ctx.refuse("contradiction", contradictionOf(published)) : published;
});
