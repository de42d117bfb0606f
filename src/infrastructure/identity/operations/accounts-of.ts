import { implement } from "../implement.ts";

const LIST_LENGTH_MAX = 50;

export const accountsOf = implement("accountsOf", async (ctx, { holder }) => {
  const found = await ctx.registers.account.find({ holder }, { limit: LIST_LENGTH_MAX });
  return { items: found.items.map(({ key, value }) => ({ id: key, ...value })) };
});
