import { OBJECTION_LIST_LENGTH } from "#services/data-rights";
import { implement } from "../implement.ts";

export const ownObjections = implement("ownObjections", async (ctx) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person") return { items: [] };
  const found = await ctx.registers.objection.find({ person: principal.id }, { limit: OBJECTION_LIST_LENGTH });
  return {
    items: found.items.map(({ key, value: { person: _, about: __, lookedOfficial: ___, ...shown } }) => ({
      ...shown,
      id: key,
    })),
  };
});
