import { newCode } from "../email-codes.ts";
import { emailOf, emailsOf, holderOf } from "../email-entries.ts";
import { sendCode } from "../email-port.ts";
import { implement } from "../implement.ts";

/** An address that was confirmed before stays in use until the new one is. */
export const giveEmail = implement("giveEmail", async (ctx, { address }) => {
  const whose = holderOf(ctx.act);
  const { holder, holderKind } = whose;
  const entry = await emailOf(ctx.registers, whose);
  const code = await newCode(await ctx.tables.write(), holder, ctx.now);
  if (code === undefined) return ctx.refuse("too-many-codes");
  const value = {
    ...entry?.value,
    holder,
    pending: address,
    notices: entry?.value.notices ?? (holderKind === "person" ? "yes" : "no"),
  } as const;
  await emailsOf(ctx.registers, holderKind).put(value, entry && { key: entry.key });
  // Last: should the act not commit after it, its code is worth nothing.
  return (await sendCode(address, code)) ? { pending: address } : ctx.refuse("not-sent");
});
