import { emailOf, holderOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

export const chooseEmailNotices = implement("chooseEmailNotices", async (ctx, { notices }) => {
  const whose = holderOf(ctx.act);
  const entry = await emailOf(ctx.registers, whose);
  // Notices are written to people about their own cases.
  if (!entry || whose.holderKind === "official") return ctx.refuse("no-address");
  if (entry.value.notices !== notices) await ctx.registers.email.put({ ...entry.value, notices }, { key: entry.key });
  return { notices };
});
