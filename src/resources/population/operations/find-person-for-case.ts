import { forCase } from "../for-case.ts";
import { implement } from "../implement.ts";

export const findPersonForCase = implement("findPersonForCase", async (ctx, { id }) => {
  const { principal, purpose, caseId, via } = ctx.act;
  // An official asks here by himself only while he handles a case; a room that asks for him has its own check.
  if (via === undefined && principal.kind === "official" && (purpose !== "case" || caseId === undefined)) {
    return ctx.refuse("case-needed");
  }
  const entry = await ctx.registers.person.get(id);
  return entry ? forCase(entry) : ctx.refuse("not-found");
});
