import { adultOn, GUARDIANSHIPS_MAX, isMinor } from "../guardianship.ts";
import { implement } from "../implement.ts";
import { residentOf } from "../resident.ts";

export const registerGuardianship = implement(
  "registerGuardianship",
  async (ctx, { wardNumber, guardianNumber, relation, evidence }) => {
    const ward = await residentOf(ctx.registers, wardNumber, ctx.today);
    if (!ward) return ctx.refuse("ward-not-found");
    const guardian = await residentOf(ctx.registers, guardianNumber, ctx.today);
    if (!guardian) return ctx.refuse("guardian-not-found");
    if (ward.value.lifeStatus !== "alive" || !isMinor(ward.value.birthDate, ctx.today))
      return ctx.refuse("not-a-minor");
    const adult = ctx.today >= adultOn(guardian.value.birthDate);
    if (guardian.value.lifeStatus !== "alive" || !adult) return ctx.refuse("not-an-adult");
    const pair = { ward: ward.key, guardian: guardian.key };
    const before = await ctx.registers.guardianship.find(pair, { limit: GUARDIANSHIPS_MAX });
    if (before.items.some(({ value }) => value.endedOn === undefined)) return ctx.refuse("exists");
    const id = await ctx.registers.guardianship.put({ ...pair, relation, evidence });
    ctx.concerns({ kind: "person", id: guardian.key, attributes: ["guardianship"] });
    return { id };
  },
);
