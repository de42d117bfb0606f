import { type Division, divisionLevel, parentDivision, referenceDivision } from "../divisions.ts";
import { implement, type Registers } from "../implement.ts";
import { standing } from "../network/propose.ts";

const DIGITS_OF_COUNTY = 6;

export const findDivision = implement("findDivision", async (ctx, { code }) => {
  let division = await lookUp(ctx.registers, code);
  let renumberedFrom: string | undefined;
  if (!division) {
    // A code that is in no list any more may have been renumbered. Looking that up costs the reading of all parts.
    const today = renumbered(code, (await standing(ctx))?.view.division(code));
    division = today === undefined ? undefined : await lookUp(ctx.registers, today);
    renumberedFrom = code;
  }
  if (!division) return ctx.refuse("not-found");
  const path = [division.name];
  for (let up = parentDivision(division.code); up !== undefined; up = parentDivision(up)) {
    const above = await lookUp(ctx.registers, up);
    if (above) path.unshift(above.name);
  }
  return { ...division, path, ...(renumberedFrom !== undefined && { renumberedFrom }) };
});

/**
 * Today's code, as long as the one that was asked for. A town's last digits stay as they are.
 * @param sixDigits of today; undefined: the directory knows none
 */
function renumbered(code: string, sixDigits: string | undefined): string | undefined {
  if (sixDigits === undefined) return undefined;
  const today = sixDigits.slice(0, code.length) + code.slice(DIGITS_OF_COUNTY);
  const isSameLevel = /^0*$/.test(sixDigits.slice(code.length));
  return isSameLevel && today !== code ? today : undefined;
}

async function lookUp(registers: Registers, code: string): Promise<Division | undefined> {
  const reference = await referenceDivision(code);
  if (reference) return reference;
  const added = (await registers.division.find({ code }, { limit: 1 })).items[0];
  return added && { ...added.value, level: divisionLevel(code) };
}
