import { implement } from "../implement.ts";

export const revokeAuthorization = implement("revokeAuthorization", async (ctx, { id }) => {
  const authorization = await ctx.registers.authorization.lock(id);
  if (!authorization || authorization.value.revokedAt !== undefined) return ctx.refuse("not-found");
  const { organization, agent } = authorization.value;
  const entry = await ctx.registers.organization.get(organization);
  const { principal } = ctx.act;
  // 民法典 §173: the principal cancels, or the agent resigns.
  if (principal.kind === "person" && principal.id !== agent && principal.id !== entry?.value.representative) {
    return ctx.refuse("not-yours");
  }
  await ctx.registers.authorization.put({ ...authorization.value, revokedAt: ctx.now }, { key: id });
  ctx.concerns({ kind: "person", id: agent, attributes: ["authorization"] });
  return { id };
});
