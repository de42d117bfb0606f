import { implement } from "../implement.ts";
import { dataRightsPorts } from "../ports.ts";

export const sealableIn = implement("sealableIn", async (ctx, { caseNumber }) => {
  const found = await dataRightsPorts().concernedIn(ctx.act, caseNumber);
  return found ? { ...found, subjects: [...found.subjects] } : ctx.refuse("no-case");
});
