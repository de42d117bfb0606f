import { emailOf, emailsOf, holderOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

/** Consent is withdrawn as easily as it was given (个人信息保护法 §15). */
export const removeEmail = implement("removeEmail", async (ctx) => {
  const whose = holderOf(ctx.act);
  const entry = await emailOf(ctx.registers, whose);
  if (entry) await emailsOf(ctx.registers, whose.holderKind).retire(entry.key);
  return { removed: entry !== undefined };
});
