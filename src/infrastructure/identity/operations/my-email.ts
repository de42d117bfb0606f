import { emailOf, holderOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

export const myEmail = implement("myEmail", async (ctx) => {
  const entry = await emailOf(ctx.registers, holderOf(ctx.act));
  if (!entry) return { notices: "no" };
  const { holder: _, ...shown } = entry.value;
  return shown;
});
