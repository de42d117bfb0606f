import { accountNamed } from "../accounts.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { checkRecovery as check, openFrom, recoveryOf } from "../recoveries.ts";

export const checkRecovery = implement("checkRecovery", async (ctx, { signInName, document }) => {
  const account = await accountNamed(ctx.registers, signInName);
  if (account?.value.status !== "active") return ctx.refuse("not-found");
  const { principal } = ctx.act;
  const by = principal.kind === "official" ? principal.id : "";
  if (account.value.holder === by) return ctx.refuse("own-account");
  const asked = await recoveryOf(ctx.tables.read(), account.key, ctx.now);
  if (!asked || asked.checkedBy !== null) return ctx.refuse("not-asked");
  if (asked.askedBy === by || asked.document !== document) return ctx.refuse("same-official");
  const { holderKind, holder } = account.value;
  const address = await emailAddressOf(ctx.registers, { holderKind, holder });
  const done = await check(await ctx.tables.write(), { account: account.key, by, at: ctx.now });
  if (!done) return ctx.refuse("not-asked");
  ctx.concerns({ kind: holderKind, id: holder, attributes: ["recovery-checked"] });
  await announceFactors(address, "recovery-checked");
  return { from: openFrom({ ...asked, checkedBy: by, checkedAt: ctx.now }) ?? ctx.now };
});
