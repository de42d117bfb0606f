import { accountNamed } from "../accounts.ts";
import { implement } from "../implement.ts";

export const findAccount = implement("findAccount", async (ctx, { signInName }) => {
  const account = await accountNamed(ctx.registers, signInName);
  return account ? { id: account.key, ...account.value } : ctx.refuse("not-found");
});
