import { accountNamed, setterOf } from "../accounts.ts";
import { noteSetter, passwordFault, setPassword } from "../credentials.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { houseWords } from "../house-words.ts";
import { implement } from "../implement.ts";
import { endSessionsOfAccount } from "../sessions.ts";

export const resetPassword = implement("resetPassword", async (ctx, { signInName, password }) => {
  const account = await accountNamed(ctx.registers, signInName);
  if (!account) return ctx.refuse("not-found");
  const fault = await passwordFault(password, account.value.signInName, await houseWords(ctx.rooms));
  if (fault) return ctx.refuse("weak-password", {}, [{ path: "password", text: fault }]);
  const address = await emailAddressOf(ctx.registers, account.value);
  const sql = await ctx.tables.write();
  await setPassword(sql, account.key, password, ctx.now);
  await noteSetter(sql, account.key, { by: setterOf(ctx.act), at: ctx.now });
  await endSessionsOfAccount(sql, account.key);
  ctx.concerns({ kind: account.value.holderKind, id: account.value.holder, attributes: ["password-reset"] });
  await announceFactors(address, "password-reset");
  return { id: account.key };
});
