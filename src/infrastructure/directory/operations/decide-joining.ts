import { implement } from "../implement.ts";

export const decideJoining = implement("decideJoining", async (ctx, { id, decision, reason }) => {
  const { principal } = ctx.act;
  if (principal.kind !== "official") return ctx.refuse("no-post");
  const entry = await ctx.registers.joining.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  const outcome = { decidedBy: principal.id, decidedAt: ctx.now, decision: reason };
  const isOpen = value.status === "received" || value.status === "proposed";
  if (!isOpen) return ctx.refuse("decided");
  if (decision === "refuse") {
    await ctx.registers.joining.put({ ...value, ...outcome, status: "refused" }, { key: id });
    return {};
  }
  if (value.status === "received") return ctx.refuse("not-compared");
  if (value.proposedBy === principal.id) return ctx.refuse("own-request");
  await ctx.registers.joining.put({ ...value, ...outcome, status: "approved" }, { key: id });
  return {};
});
