import { implement } from "../implement.ts";
import { fingerprintOfChain } from "../network/certificate.ts";
import { openNoteOfJoining, withNode } from "../network/joinings.ts";
import { contradictionOf, publishPart } from "../network/publish.ts";
import { readMembership } from "../network/rows.ts";

export const admitNode = implement("admitNode", async (ctx, { id, chain }) => {
  const entry = await ctx.registers.joining.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  const certificate = fingerprintOfChain(chain);
  if (value.status !== "approved" || certificate === undefined) return ctx.refuse("not-approved");
  const membership = await readMembership(ctx.tables.read());
  if (membership === undefined) return ctx.refuse("not-member");
  const { request } = openNoteOfJoining(value.note);
  const published = await publishPart(ctx, membership, (document) =>
    withNode(document, request, { above: membership.node, certificate }),
  );
  if ("fault" in published) return ctx.refuse("contradiction", contradictionOf(published));
  await ctx.registers.joining.put({ ...value, status: "admitted", chain }, { key: id });
  return published;
});
