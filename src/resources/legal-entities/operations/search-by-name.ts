import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { publicFacts } from "../public-facts.ts";

export const searchByName = implement("searchByName", async (ctx, { name, after }) => {
  const page = await ctx.registers.organization.search(name, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  return { items: page.items.map(publicFacts), next: page.next };
});
