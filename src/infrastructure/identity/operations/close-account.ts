import { accountNamed } from "../accounts.ts";
import { implement } from "../implement.ts";
import { endSessionsOfAccount } from "../sessions.ts";

export const closeAccount = implement("closeAccount", async (ctx, { signInName }) => {
  const account = await accountNamed(ctx.registers, signInName);
  if (!account) return ctx.refuse("not-found");
  if (account.value.status === "active") {
    await ctx.registers.account.put({ ...account.value, status: "closed" }, { key: account.key });
  }
  await endSessionsOfAccount(await ctx.tables.write(), account.key);
  ctx.concerns({ kind: account.value.holderKind, id: account.value.holder, attributes: ["account"] });
  return { id: account.key };
});
