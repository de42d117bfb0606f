import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

export const decideAcmeBinding = implement("decideAcmeBinding", async (ctx, { id, decision, reason }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  // Held until the act ends: of two who decide at once, the second finds it decided.
  const entry = await ctx.registers.acmeBinding.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  if (value.status !== "proposed") return ctx.refuse("decided");
  if (value.proposedBy === official) return ctx.refuse("own-request");
  const status = decision === "approve" ? "approved" : "refused";
  await ctx.registers.acmeBinding.put(
    { ...value, status, decidedBy: official, decidedAt: ctx.now, decision: reason },
    { key: id },
  );
  return {};
});
