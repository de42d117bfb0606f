import { takenLog } from "#lib/directory/log-name";
import { implement } from "../implement.ts";
import { openNoteOfJoining } from "../network/joinings.ts";
import { standing } from "../network/propose.ts";

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
  // Another node may have come in with it since.
  const taken = takenLog(openNoteOfJoining(value.note).request.entry, (await standing(ctx))?.view.nodes() ?? []);
  if (taken !== undefined) return ctx.refuse("log-taken", taken);
  await ctx.registers.joining.put({ ...value, ...outcome, status: "approved" }, { key: id });
  return {};
});
