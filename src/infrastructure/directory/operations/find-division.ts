import { type Division, divisionLevel, parentDivision, referenceDivision } from "../divisions.ts";
import { implement, type Registers } from "../implement.ts";

export const findDivision = implement("findDivision", async (ctx, { code }) => {
  const division = await lookUp(ctx.registers, code);
  if (!division) return ctx.refuse("not-found");
  const path = [division.name];
  for (let up = parentDivision(code); up !== undefined; up = parentDivision(up)) {
    const above = await lookUp(ctx.registers, up);
    if (above) path.unshift(above.name);
  }
  return { ...division, path };
});

async function lookUp(registers: Registers, code: string): Promise<Division | undefined> {
  const reference = await referenceDivision(code);
  if (reference) return reference;
  const added = (await registers.division.find({ code }, { limit: 1 })).items[0];
  return added && { ...added.value, level: divisionLevel(code) };
}
