import { ADMINISTER } from "../contract.ts";
import { everyPage } from "../every-page.ts";
import { implement } from "../implement.ts";

export const delegate = implement("delegate", async (ctx, leave) => {
  const { official, post, standIn, from, to } = leave;
  if (to < from || to < ctx.today) return ctx.refuse("bad-period");
  const { principal } = ctx.act;
  if (principal.kind === "official" && principal.id !== official && !principal.post.duties.includes(ADMINISTER)) {
    return ctx.refuse("not-yours");
  }
  const held = await ctx.registers.appointment.find({ official, post }, { limit: 1 });
  if (held.items.length === 0) return ctx.refuse("not-held");
  const [away, deputy] = [await ctx.registers.official.get(official), await ctx.registers.official.get(standIn)];
  if (!deputy) return ctx.refuse("stand-in-not-found");
  if (standIn === official || deputy.value.authority !== away?.value.authority) return ctx.refuse("stand-in-unfit");
  const leaves = await everyPage((page) => ctx.registers.delegation.find({ official, post }, page));
  if (leaves.some(({ value }) => value.from <= to && from <= value.to)) return ctx.refuse("already-on-leave");
  const id = await ctx.registers.delegation.put(leave);
  ctx.concerns({ kind: "official", id: official, attributes: ["delegation"] });
  ctx.concerns({ kind: "official", id: standIn, attributes: ["delegation"] });
  return { id };
});
