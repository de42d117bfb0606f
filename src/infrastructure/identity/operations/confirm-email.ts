import { spendCode, tryCode } from "../email-codes.ts";
import { emailOf, emailsOf, holderOf } from "../email-entries.ts";
import { implement } from "../implement.ts";

export const confirmEmail = implement("confirmEmail", async (ctx, { code }) => {
  const whose = holderOf(ctx.act);
  const { holder, holderKind } = whose;
  const entry = await emailOf(ctx.registers, whose);
  const pending = entry?.value.pending;
  if (!entry || pending === undefined) return { outcome: "expired" };
  const sql = await ctx.tables.write();
  const tried = await tryCode(sql, { holder, code, at: ctx.now });
  if (tried !== "right") return { outcome: tried === "wrong" ? "wrong-code" : "expired" };
  await spendCode(sql, holder);
  await emailsOf(ctx.registers, holderKind).put(
    { holder, address: pending, notices: entry.value.notices },
    { key: entry.key },
  );
  return { outcome: "confirmed" };
});
