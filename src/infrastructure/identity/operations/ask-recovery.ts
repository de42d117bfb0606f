import { accountNamed } from "../accounts.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { askRecovery as ask, recoveryOf } from "../recoveries.ts";

export const askRecovery = implement("askRecovery", async (ctx, { signInName, document }) => {
  const account = await accountNamed(ctx.registers, signInName);
  if (account?.value.status !== "active") return ctx.refuse("not-found");
  const { principal } = ctx.act;
  const by = principal.kind === "official" ? principal.id : "";
  if (account.value.holder === by) return ctx.refuse("own-account");
  if (await recoveryOf(ctx.tables.read(), account.key, ctx.now)) return ctx.refuse("under-way");
  const { holderKind, holder } = account.value;
  const address = await emailAddressOf(ctx.registers, { holderKind, holder });
  await ask(await ctx.tables.write(), { account: account.key, document, by, at: ctx.now });
  ctx.concerns({ kind: holderKind, id: holder, attributes: ["recovery-asked"] });
  await announceFactors(address, "recovery-asked");
  return { askedAt: ctx.now };
});
