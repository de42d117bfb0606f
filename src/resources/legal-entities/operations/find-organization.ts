import { implement } from "../implement.ts";
import { publicFacts } from "../public-facts.ts";

export const findOrganization = implement("findOrganization", async (ctx, { id }) => {
  const entry = await ctx.registers.organization.get(id);
  return entry ? publicFacts(entry) : ctx.refuse("not-found");
});
