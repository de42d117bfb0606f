import { adultOn, GUARDIANSHIPS_MAX, isMinor } from "../guardianship.ts";
import { implement } from "../implement.ts";

export const wardsOf = implement("wardsOf", async (ctx, { guardian }) => {
  const self = await ctx.registers.person.get(guardian);
  if (self?.value.lifeStatus !== "alive") return { items: [] };
  const { items } = await ctx.registers.guardianship.find({ guardian }, { limit: GUARDIANSHIPS_MAX });
  const wards = [];
  for (const { value } of items) {
    if (value.endedOn !== undefined) continue;
    const ward = await ctx.registers.person.get(value.ward);
    if (ward?.value.lifeStatus !== "alive" || !isMinor(ward.value.birthDate, ctx.today)) continue;
    const { name, birthDate } = ward.value;
    wards.push({ id: ward.key, name, relation: value.relation, adultOn: adultOn(birthDate) });
  }
  return { items: wards };
});
