import { emailOf, holderOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

export const chooseEmailNotices = implement("chooseEmailNotices", async (ctx, { notices }) => {
  const entry = await emailOf(ctx.registers, holderOf(ctx.act));
  if (!entry) return ctx.refuse("no-address");
  if (entry.value.notices !== notices) await ctx.registers.email.put({ ...entry.value, notices }, { key: entry.key });
  return { notices };
});
