import { POOR_LIST_LENGTH } from "#services/participation";
import { implement } from "../implement.ts";

export const openPoor = implement("openPoor", async (ctx) => {
  const { principal } = ctx.act;
  if (principal.kind !== "official") return { items: [] };
  const where = { authority: principal.post.authority, status: "waiting" } as const;
  const { items } = await ctx.registers.rating.find(where, { limit: POOR_LIST_LENGTH });
  return { items: items.map(({ key, value: { person: _, ...shown } }) => ({ ...shown, id: key })) };
});
