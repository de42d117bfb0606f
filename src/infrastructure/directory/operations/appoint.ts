import { beginningOf, endOf } from "../holding.ts";
import { implement } from "../implement.ts";

export const appoint = implement("appoint", async (ctx, { official, post, from, to }) => {
  if (to !== undefined && to < from) return ctx.refuse("bad-period");
  const person = await ctx.registers.official.get(official);
  if (!person) return ctx.refuse("official-not-found");
  const office = await ctx.registers.post.get(post);
  if (!office) return ctx.refuse("post-not-found");
  if (person.value.authority !== office.value.authority) return ctx.refuse("other-authority");
  for (const asOf of [beginningOf(from), ctx.now]) {
    const held = await ctx.registers.appointment.find({ official, post }, { limit: 1, asOf });
    if (held.items.length > 0) return ctx.refuse("already-appointed");
  }
  const id = await ctx.registers.appointment.put({ official, post }, { validFrom: beginningOf(from) });
  if (to !== undefined) await ctx.registers.appointment.retire(id, { validTo: endOf(to) });
  ctx.concerns({ kind: "official", id: official, attributes: ["appointment"] });
  return { id };
});
