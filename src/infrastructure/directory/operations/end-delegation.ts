import { ADMINISTER } from "../contract.ts";
import { implement } from "../implement.ts";

export const endDelegation = implement("endDelegation", async (ctx, { id }) => {
  const delegation = await ctx.registers.delegation.lock(id);
  if (!delegation) return ctx.refuse("not-found");
  const { official } = delegation.value;
  const { principal } = ctx.act;
  if (principal.kind === "official" && principal.id !== official && !principal.post.duties.includes(ADMINISTER)) {
    return ctx.refuse("not-yours");
  }
  await ctx.registers.delegation.retire(id);
  ctx.concerns({ kind: "official", id: official, attributes: ["delegation"] });
  return { id };
});
