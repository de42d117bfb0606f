import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

const SHOWN_CHARACTERS = 4;

export const searchByName = implement("searchByName", async (ctx, { name, after }) => {
  const page = await ctx.registers.person.search(name, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  const items = page.items.map(({ key, value }) => ({
    id: key,
    name: value.name,
    documentKind: value.documentKind,
    documentEnd: value.documentNumber.slice(-SHOWN_CHARACTERS),
    division: value.division,
  }));
  return { items, next: page.next };
});
