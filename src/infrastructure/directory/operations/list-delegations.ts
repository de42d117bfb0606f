import { everyPage } from "../every-page.ts";
import { implement } from "../implement.ts";

export const listDelegations = implement("listDelegations", async (ctx, { official }) => {
  const delegations = await everyPage((page) => ctx.registers.delegation.find({ official }, page));
  const items = [];
  for (const { key, value } of delegations) {
    if (value.to < ctx.today) continue;
    const standIn = await ctx.registers.official.get(value.standIn);
    const { post, reason, from, to } = value;
    items.push({ id: key, post, standIn: value.standIn, standInName: standIn?.value.name ?? "", reason, from, to });
  }
  return { items };
});
