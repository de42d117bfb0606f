import { implement } from "../implement.ts";
import { holderOf, MAX_OWN, shownToHolder } from "../own.ts";

export const certificatesOf = implement("certificatesOf", async (ctx) => {
  const holder = holderOf(ctx.act);
  if (!holder) return { items: [] };
  const { items } = await ctx.registers.licenceCertificate.find({ holderId: holder.id }, { limit: MAX_OWN });
  return {
    items: items.filter(({ value }) => value.holderKind === holder.kind).map(({ value }) => shownToHolder(value)),
  };
});
