import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const listAuthorities = implement("listAuthorities", async (ctx, { division, kind, after }) => {
  const where = { ...(division && { division }), ...(kind && { kind }) };
  const page = await ctx.registers.authority.find(where, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  return { items: page.items.map((entry) => ({ id: entry.key, ...entry.value })), next: page.next };
});
