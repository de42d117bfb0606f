import { isOwn } from "../accounts.ts";
import { accountSubject, noteFailure, waitSeconds } from "../attempts.ts";
import { isPassword, noteChosen, passwordFault, setPassword } from "../credentials.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { houseWords } from "../house-words.ts";
import { implement } from "../implement.ts";
import { endSessionsOfAccount, findSession } from "../sessions.ts";

export const changePassword = implement("changePassword", async (ctx, { session, current, next }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const account = row && (await ctx.registers.account.get(row.account));
  if (!row || !account) return ctx.refuse("session-ended");
  if (!isOwn(ctx.act, row)) return ctx.refuse("not-yours");
  const fault = await passwordFault(next, account.value.signInName, await houseWords(ctx.rooms));
  if (fault) return ctx.refuse("weak-password", {}, [{ path: "next", text: fault }]);
  // Whoever found an open browser must not be able to guess here what he could not guess at the sign-in.
  const subject = accountSubject(account.value.signInName);
  if ((await waitSeconds(ctx.tables.read(), [subject], ctx.now)) > 0) return { outcome: "wait" };
  const right = await isPassword(ctx.tables.read(), account.key, current);
  const address = right ? await emailAddressOf(ctx.registers, row) : undefined;
  const sql = await ctx.tables.write();
  const { holderKind: kind, holder: id } = row;
  if (!right) {
    await noteFailure(sql, subject, ctx.now);
    ctx.concerns({ kind, id, attributes: ["password-change-failed"] });
    return { outcome: "wrong-password" };
  }
  await setPassword(sql, account.key, next, ctx.now);
  await noteChosen(sql, account.key);
  await endSessionsOfAccount(sql, account.key, session);
  ctx.concerns({ kind, id, attributes: ["password-changed"] });
  await announceFactors(address, "password-changed");
  return { outcome: "changed" };
});
