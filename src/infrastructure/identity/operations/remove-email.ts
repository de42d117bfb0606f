import { emailOf, holderOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

/** Consent is withdrawn as easily as it was given (个人信息保护法 §15). */
export const removeEmail = implement("removeEmail", async (ctx) => {
  const entry = await emailOf(ctx.registers, holderOf(ctx.act));
  if (entry) await ctx.registers.email.retire(entry.key);
  return { removed: entry !== undefined };
});
