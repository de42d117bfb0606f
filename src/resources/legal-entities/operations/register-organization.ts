import { isRefusal } from "#kernel/contract/refusal";
import { beginningOf, hesitation } from "#kernel/registers/examined";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { divisionKnowledge } from "../division-knowledge.ts";
import { examineOrganization } from "../examination.ts";
import { implement } from "../implement.ts";
import { tellChange } from "../tell-change.ts";

export const registerOrganization = implement("registerOrganization", async (ctx, { confirmed, ...given }) => {
  const division = await divisionKnowledge(ctx.rooms, given.creditCode);
  const known = { today: ctx.today, ...(division && { division }) };
  const { organization, ...found } = examineOrganization({ ...given, status: "active" }, known);
  const doubt = hesitation(found, confirmed);
  if (doubt) return ctx.refuse(doubt.code, {}, doubt.issues);
  const representative = await ctx.rooms.population.nameOf({ id: organization.representative });
  if (isRefusal(representative) || representative.lifeStatus !== "alive") return ctx.refuse("representative-not-found");
  const { creditCode, establishedOn } = organization;
  if ((await ctx.registers.organization.find({ creditCode }, { limit: 1 })).items.length > 0)
    return ctx.refuse("exists");
  // Someone else may register the same code at this very moment: the register holds the last word.
  const written = ctx.registers.organization.put(organization, { validFrom: beginningOf(establishedOn) });
  const id = await unlessTaken(written);
  if (id === undefined) return ctx.refuse("exists");
  await tellChange(ctx, { id, after: organization, what: "registered" });
  return { id };
});
