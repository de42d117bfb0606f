import { implement } from "../implement.ts";

const PAGE_LENGTH = 50;

export const searchLicences = implement("searchLicences", async (ctx, { name, after }) => {
  const page = { limit: PAGE_LENGTH, ...(after !== undefined && { after }) };
  const found = await ctx.registers.foodLicence.search(name, page);
  return {
    items: found.items.map((entry) => ({ ...entry.value, id: entry.key })),
    ...(found.next !== undefined && { next: found.next }),
  };
});
