import { isRefusal } from "#kernel/contract/refusal";
import { beginningOf, definedOf, hesitation } from "#kernel/registers/examined";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { divisionKnowledge } from "../division-knowledge.ts";
import { examineOrganization, ofChange } from "../examination.ts";
import { implement } from "../implement.ts";
import { tellChange } from "../tell-change.ts";

export const correctOrganization = implement(
  "correctOrganization",
  async (ctx, { id, since, reason, confirmed, ...changes }) => {
    const before = await ctx.registers.organization.get(id);
    if (!before) return ctx.refuse("not-found");
    const division = await divisionKnowledge(ctx.rooms, changes.creditCode ?? before.value.creditCode);
    const known = { today: ctx.today, ...(division && { division }) };
    const changed = definedOf(changes);
    const given = { ...before.value, ...changed, changeReason: reason };
    const { organization, ...found } = examineOrganization(given, known);
    const doubt = hesitation(ofChange(found, Object.keys(changed)), confirmed);
    if (doubt) return ctx.refuse(doubt.code, {}, doubt.issues);
    const { creditCode, representative } = organization;
    const head = await ctx.rooms.population.nameOf({ id: representative });
    if (isRefusal(head)) return ctx.refuse("representative-not-found");
    const holders = await ctx.registers.organization.find({ creditCode }, { limit: 1 });
    if (holders.items.some((holder) => holder.key !== id)) return ctx.refuse("exists");
    const written =
      since === undefined
        ? ctx.registers.organization.correct(id, organization).then(() => id)
        : ctx.registers.organization.put(organization, { key: id, validFrom: beginningOf(since) });
    if ((await unlessTaken(written)) === undefined) return ctx.refuse("exists");
    const what = since === undefined ? "corrected" : "changed";
    await tellChange(ctx, { id, before: before.value, after: organization, what });
    return { id };
  },
);
