import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const listDirectoryChanges = implement("listDirectoryChanges", async (ctx, { after }) => {
  const page = await ctx.registers.directoryChange.find(
    {},
    { limit: LIST_LENGTH_MAX, ...(after !== undefined && { after }) },
  );
  return { items: page.items.map(({ key: id, value }) => ({ id, ...value })), next: page.next };
});
