import { implement } from "../implement.ts";

export const findOrganizationForCase = implement("findOrganizationForCase", async (ctx, { id }) => {
  const entry = await ctx.registers.organization.get(id);
  return entry ? { id: entry.key, ...entry.value } : ctx.refuse("not-found");
});
