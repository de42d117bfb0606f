import { divisionLevel, parentDivision, referenceDivisions } from "../divisions.ts";
import { everyPage } from "../every-page.ts";
import { implement } from "../implement.ts";

export const divisions = implement("divisions", async (ctx, { parent }) => {
  const reference = await referenceDivisions(parent);
  const added = await everyPage((page) => ctx.registers.division.find({}, page));
  const further = added
    .map(({ value }) => ({ ...value, level: divisionLevel(value.code) }))
    .filter(({ code }) => parentDivision(code) === parent);
  return { items: [...reference, ...further].toSorted((one, other) => (one.code < other.code ? -1 : 1)) };
});
