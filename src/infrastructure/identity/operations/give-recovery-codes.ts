import { accountNamed } from "../accounts.ts";
import { removeSecret } from "../code-secrets.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { removePasskeysOf } from "../passkeys.ts";
import { endRecovery, openFrom, recoveryOf } from "../recoveries.ts";
import { makeRecoveryCodes } from "../recovery-codes.ts";
import { endSessionsOfAccount } from "../sessions.ts";

export const giveRecoveryCodes = implement("giveRecoveryCodes", async (ctx, { signInName }) => {
  // Under a key the answer would be kept, and codes are given once.
  if (ctx.act.idempotencyKey !== undefined) return ctx.refuse("once-only");
  const account = await accountNamed(ctx.registers, signInName);
  if (account?.value.status !== "active") return ctx.refuse("not-found");
  const { principal } = ctx.act;
  if (principal.kind === "official" && account.value.holder === principal.id) return ctx.refuse("own-account");
  const asked = await recoveryOf(ctx.tables.read(), account.key, ctx.now);
  const from = asked && openFrom(asked);
  if (from === undefined) return ctx.refuse("not-asked");
  if (ctx.now < from) return ctx.refuse("too-early", { from });
  const { holderKind, holder } = account.value;
  const address = await emailAddressOf(ctx.registers, { holderKind, holder });
  const sql = await ctx.tables.write();
  // Stopped, or given at another counter, just now.
  if (!(await endRecovery(sql, account.key))) return ctx.refuse("not-asked");
  await removeSecret(sql, account.key);
  await removePasskeysOf(sql, account.key);
  await endSessionsOfAccount(sql, account.key);
  const recoveryCodes = await makeRecoveryCodes(sql, ctx.secrets, { account: account.key, at: ctx.now });
  ctx.concerns({ kind: holderKind, id: holder, attributes: ["recovery-codes-given"] });
  await announceFactors(address, "recovery-codes-given");
  return { recoveryCodes: [...recoveryCodes] };
});
