import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const listOfficials = implement("listOfficials", async (ctx, { authority, after }) => {
  const page = await ctx.registers.official.find({ authority }, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  return { items: page.items.map((entry) => ({ id: entry.key, ...entry.value })), next: page.next };
});
