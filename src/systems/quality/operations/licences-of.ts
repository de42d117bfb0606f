import { reachesRoom } from "#kernel/system/act";
import { quality } from "#systems/quality";
import { implement } from "../implement.ts";

/** Licences that one holder can have; more are an error of the register. */
const MAX_LICENCES = 100;

export const licencesOf = implement("licencesOf", async (ctx) => {
  const { principal, onBehalfOf } = ctx.act;
  // An agent for services of other rooms has no part in these licences.
  if (onBehalfOf && !reachesRoom(onBehalfOf, quality.id)) return { items: [] };
  const holderId = onBehalfOf?.id ?? (principal.kind === "person" ? principal.id : undefined);
  if (holderId === undefined) return { items: [] };
  const { items } = await ctx.registers.foodLicence.find({ holderId }, { limit: MAX_LICENCES });
  return { items: items.map((entry) => ({ ...entry.value, id: entry.key })) };
});
