import { GUARDIANSHIPS_MAX } from "../guardianship.ts";
import { implement } from "../implement.ts";
import { residentOf } from "../resident.ts";

export const endGuardianship = implement("endGuardianship", async (ctx, { wardNumber, guardianNumber, reason }) => {
  const ward = await residentOf(ctx.registers, wardNumber, ctx.today);
  if (!ward) return ctx.refuse("ward-not-found");
  const guardian = await residentOf(ctx.registers, guardianNumber, ctx.today);
  if (!guardian) return ctx.refuse("guardian-not-found");
  const pair = { ward: ward.key, guardian: guardian.key };
  const { items } = await ctx.registers.guardianship.find(pair, { limit: GUARDIANSHIPS_MAX });
  const open = items.find(({ value }) => value.endedOn === undefined);
  const held = open && (await ctx.registers.guardianship.lock(open.key));
  if (!held || held.value.endedOn !== undefined) return ctx.refuse("not-registered");
  await ctx.registers.guardianship.put({ ...held.value, endedOn: ctx.today, endReason: reason }, { key: held.key });
  ctx.concerns({ kind: "person", id: guardian.key, attributes: ["guardianship"] });
  return { id: held.key };
});
