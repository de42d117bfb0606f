import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { mergersOf, withMerger } from "../network/mergers.ts";

export const listAuthorities = implement("listAuthorities", async (ctx, { division, kind, after }) => {
  const where = { ...(division && { division }), ...(kind && { kind }) };
  const page = await ctx.registers.authority.find(where, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  const mergers = await mergersOf(ctx.registers);
  return { items: page.items.map((entry) => withMerger({ id: entry.key, ...entry.value }, mergers)), next: page.next };
});
