import { implement } from "../implement.ts";
import { openNoteOfJoining } from "../network/joinings.ts";

const LETTERS = /[^A-Z2-7]/g;

export const proposeJoining = implement("proposeJoining", async (ctx, { id, shortCode, reason }) => {
  const { principal } = ctx.act;
  if (principal.kind !== "official") return ctx.refuse("no-post");
  const entry = await ctx.registers.joining.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  if (value.status !== "received") return ctx.refuse("decided");
  const own = openNoteOfJoining(value.note).shortCode.replace(LETTERS, "");
  if (shortCode.toUpperCase().replace(LETTERS, "") !== own) return ctx.refuse("code-differs");
  await ctx.registers.joining.put(
    { ...value, status: "proposed", proposedBy: principal.id, proposedAt: ctx.now, reason },
    { key: id },
  );
  return { id };
});
