import { reachesRoom } from "#kernel/system/act";
import { publicSecurity } from "#systems/public-security";
import { implement } from "../implement.ts";

/** Vehicles that one owner can have; more are an error of the register. */
const MAX_VEHICLES = 100;

export const vehiclesOf = implement("vehiclesOf", async (ctx) => {
  const { principal, onBehalfOf } = ctx.act;
  if (onBehalfOf && (onBehalfOf.kind !== "person" || !reachesRoom(onBehalfOf, publicSecurity.id))) return { items: [] };
  const holderId = onBehalfOf?.id ?? (principal.kind === "person" ? principal.id : undefined);
  if (holderId === undefined) return { items: [] };
  const { items } = await ctx.registers.vehicle.find({ holderId }, { limit: MAX_VEHICLES });
  return { items: items.map(({ value: { caseId: _, authority: __, holderId: ___, ...shown } }) => shown) };
});
