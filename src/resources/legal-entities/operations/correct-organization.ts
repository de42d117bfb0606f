import { isRefusal } from "#kernel/contract/refusal";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { beginningOf } from "../beginning-of.ts";
import { divisionKnowledge } from "../division-knowledge.ts";
import { examineOrganization, type OrganizationValue } from "../examination.ts";
import { implement } from "../implement.ts";

export const correctOrganization = implement(
  "correctOrganization",
  async (ctx, { id, since, reason: _, confirmed, ...changes }) => {
    const before = await ctx.registers.organization.get(id);
    if (!before) return ctx.refuse("not-found");
    const division = await divisionKnowledge(ctx.rooms, changes.creditCode ?? before.value.creditCode);
    const known = { today: ctx.today, ...(division && { division }) };
    const { organization, errors, warnings } = examineOrganization(merged(before.value, changes), known);
    if (errors.length > 0) return ctx.refuse("invalid", {}, errors);
    if (warnings.length > 0 && !confirmed) return ctx.refuse("needs-confirmation", {}, warnings);
    const { creditCode, representative } = organization;
    const head = await ctx.rooms.population.nameOf({ id: representative });
    if (isRefusal(head)) return ctx.refuse("representative-not-found");
    const holders = await ctx.registers.organization.find({ creditCode }, { limit: 1 });
    if (holders.items.some((holder) => holder.key !== id)) return ctx.refuse("exists");
    const written =
      since === undefined
        ? ctx.registers.organization.correct(id, organization).then(() => id)
        : ctx.registers.organization.put(organization, { key: id, validFrom: beginningOf(since) });
    return (await unlessTaken(written)) === undefined ? ctx.refuse("exists") : { id };
  },
);

/** What was left out stays as it is. */
function merged(
  before: OrganizationValue,
  changes: { [K in keyof OrganizationValue]?: OrganizationValue[K] | undefined },
) {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...before, ...(Object.fromEntries(given) as Partial<OrganizationValue>) };
}
