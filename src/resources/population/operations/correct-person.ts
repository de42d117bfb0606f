import { beginningOf, definedOf, hesitation } from "#kernel/registers/examined";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { divisionKnowledge } from "../division-knowledge.ts";
import { examinePerson, ofChange } from "../examination.ts";
import { implement } from "../implement.ts";

export const correctPerson = implement("correctPerson", async (ctx, { id, since, reason, confirmed, ...changes }) => {
  const before = await ctx.registers.person.get(id);
  if (!before) return ctx.refuse("not-found");
  const changed = definedOf(changes);
  const given = { ...before.value, ...changed, changeReason: reason };
  const division = await divisionKnowledge(ctx.rooms, given.documentNumber);
  const { person, ...found } = examinePerson(given, { today: ctx.today, ...(division && { division }) });
  const doubt = hesitation(ofChange(found, Object.keys(changed)), confirmed);
  if (doubt) return ctx.refuse(doubt.code, {}, doubt.issues);
  const holders = await ctx.registers.person.find({ documentNumber: person.documentNumber }, { limit: 1 });
  if (holders.items.some((holder) => holder.key !== id)) return ctx.refuse("exists");
  const written =
    since === undefined
      ? ctx.registers.person.correct(id, person).then(() => id)
      : ctx.registers.person.put(person, { key: id, validFrom: beginningOf(since) });
  return (await unlessTaken(written)) === undefined ? ctx.refuse("exists") : { id };
});
