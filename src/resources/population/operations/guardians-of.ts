import { GUARDIANSHIPS_MAX, isMinor } from "../guardianship.ts";
import { implement } from "../implement.ts";

export const guardiansOf = implement("guardiansOf", async (ctx, { ward }) => {
  const self = await ctx.registers.person.get(ward);
  if (self?.value.lifeStatus !== "alive" || !isMinor(self.value.birthDate, ctx.today)) return { items: [] };
  const { items } = await ctx.registers.guardianship.find({ ward }, { limit: GUARDIANSHIPS_MAX });
  const guardians = [];
  for (const { value } of items) {
    if (value.endedOn !== undefined) continue;
    const guardian = await ctx.registers.person.get(value.guardian);
    if (guardian?.value.lifeStatus !== "alive") continue;
    guardians.push({ id: guardian.key, name: guardian.value.name, relation: value.relation });
  }
  return { items: guardians };
});
