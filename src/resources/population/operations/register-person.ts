import { hesitation } from "#kernel/registers/examined";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { divisionKnowledge } from "../division-knowledge.ts";
import { examinePerson } from "../examination.ts";
import { implement } from "../implement.ts";

export const registerPerson = implement("registerPerson", async (ctx, { confirmed, ...given }) => {
  const division = await divisionKnowledge(ctx.rooms, given.documentNumber);
  const { person, ...found } = examinePerson(given, { today: ctx.today, ...(division && { division }) });
  const doubt = hesitation(found, confirmed);
  if (doubt) return ctx.refuse(doubt.code, {}, doubt.issues);
  const taken = await ctx.registers.person.find({ documentNumber: person.documentNumber }, { limit: 1 });
  if (taken.items.length > 0) return ctx.refuse("exists");
  // Someone else may register the same document at this very moment: the register holds the last word.
  const id = await unlessTaken(ctx.registers.person.put(person));
  return id === undefined ? ctx.refuse("exists") : { id };
});
