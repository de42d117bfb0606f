import { unlessTaken } from "#kernel/registers/unless-taken";
import { beginningOf } from "../beginning-of.ts";
import { divisionKnowledge } from "../division-knowledge.ts";
import { examinePerson, issuesOfChange } from "../examination.ts";
import { implement } from "../implement.ts";

export const correctPerson = implement("correctPerson", async (ctx, { id, since, reason, confirmed, ...changes }) => {
  const before = await ctx.registers.person.get(id);
  if (!before) return ctx.refuse("not-found");
  const changed = definedOf(changes);
  const given = { ...before.value, ...changed, changeReason: reason };
  const division = await divisionKnowledge(ctx.rooms, given.documentNumber);
  const { person, ...found } = examinePerson(given, { today: ctx.today, ...(division && { division }) });
  const errors = issuesOfChange(found.errors, Object.keys(changed));
  const warnings = issuesOfChange(found.warnings, Object.keys(changed));
  if (errors.length > 0) return ctx.refuse("invalid", {}, errors);
  if (warnings.length > 0 && !confirmed) return ctx.refuse("needs-confirmation", {}, warnings);
  const holders = await ctx.registers.person.find({ documentNumber: person.documentNumber }, { limit: 1 });
  if (holders.items.some((holder) => holder.key !== id)) return ctx.refuse("exists");
  const written =
    since === undefined
      ? ctx.registers.person.correct(id, person).then(() => id)
      : ctx.registers.person.put(person, { key: id, validFrom: beginningOf(since) });
  return (await unlessTaken(written)) === undefined ? ctx.refuse("exists") : { id };
});

/** Without what was left out, which would erase what is known. */
function definedOf<T extends object>(changes: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
