import { OBJECTION_LIST_LENGTH } from "#services/data-rights";
import { implement } from "../implement.ts";
import { maySupervise } from "../supervision.ts";

export const openObjections = implement("openObjections", async (ctx) => {
  const { items } = await ctx.registers.objection.find({ status: "open" }, { limit: OBJECTION_LIST_LENGTH });
  const shown = items.filter(({ value }) => maySupervise(ctx.act, value));
  return {
    items: shown
      .map(({ key, value: { person: _, about: __, subject: ___, ...value } }) => ({ ...value, id: key }))
      .sort((one, other) => (one.answerBy < other.answerBy ? -1 : 1)),
  };
});
