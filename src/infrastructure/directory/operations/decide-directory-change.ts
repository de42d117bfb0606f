import { implement } from "../implement.ts";
import { applyChange, readChange } from "../network/change.ts";
import { contradictionOf, publishPart } from "../network/publish.ts";
import { readMembership } from "../network/rows.ts";

export const decideDirectoryChange = implement("decideDirectoryChange", async (ctx, { id, decision, reason }) => {
  const { principal } = ctx.act;
  if (principal.kind !== "official") return ctx.refuse("no-post");
  // Held until the act ends: of two who decide at once, the second finds it decided.
  const entry = await ctx.registers.directoryChange.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  if (value.status !== "proposed") return ctx.refuse("decided");
  if (value.proposedBy === principal.id) return ctx.refuse("own-request");
  const outcome = { decidedBy: principal.id, decidedAt: ctx.now, decision: reason };
  if (decision === "refuse") {
    await ctx.registers.directoryChange.put({ ...value, ...outcome, status: "refused" }, { key: id });
    return {};
  }
  const membership = await readMembership(ctx.tables.read());
  if (membership === undefined) return ctx.refuse("not-member");
  const published = await publishPart(ctx, membership, (document) => applyChange(document, readChange(value), ctx.now));
  if ("fault" in published) return ctx.refuse("contradiction", contradictionOf(published));
  const { version } = published;
  await ctx.registers.directoryChange.put({ ...value, ...outcome, status: "published", version }, { key: id });
  return { version };
});
