import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const listAcmeBindings = implement("listAcmeBindings", async (ctx, { after }) => {
  const page = await ctx.registers.acmeBinding.find(
    {},
    { limit: LIST_LENGTH_MAX, ...(after !== undefined && { after }) },
  );
  const items = page.items.map(({ key: id, value: { key: _, ...shown } }) => ({ ...shown, id }));
  return { items, next: page.next };
});
