import { accountNamed } from "../accounts.ts";
import { accountSubject, addressSubject, forgiveUnlessLocked, noteFailure, waitSeconds } from "../attempts.ts";
import { awaitCode, wantsCodeAtSignIn } from "../awaited-codes.ts";
import { isOutdated, isOver, isPassword, setPassword } from "../credentials.ts";
import { FAILED_SIGN_IN } from "../failed-sign-in.ts";
import { findHolder } from "../holders.ts";
import { implement } from "../implement.ts";
import { openSession } from "../sessions.ts";
import { normaliseSignInName } from "../sign-in-name.ts";

/** A password alone. */
const ASSURANCE = 1;

export const signIn = implement("signIn", async (ctx, { signInName, password, address, agent }) => {
  const name = accountSubject(normaliseSignInName(signInName));
  const subjects = [name, addressSubject(address)];
  const seconds = await waitSeconds(ctx.tables.read(), subjects, ctx.now);
  if (seconds > 0) return { outcome: "wait", seconds };

  const account = await accountNamed(ctx.registers, signInName);
  const right = await isPassword(ctx.tables.read(), account?.key, password);
  const open = account && right && account.value.status === "active" ? account : undefined;
  const { holderKind, holder } = open?.value ?? {};
  const found = holderKind && holder ? await findHolder(ctx.rooms, holderKind, holder) : undefined;

  const sql = await ctx.tables.write();
  if (!open || !found || !(await forgiveUnlessLocked(sql, name, ctx.now))) {
    for (const subject of subjects) await noteFailure(sql, subject, ctx.now);
    if (account)
      ctx.concerns({ kind: account.value.holderKind, id: account.value.holder, attributes: ["sign-in-failed"] });
    await ctx.record(FAILED_SIGN_IN);
    return { outcome: "failed" };
  }
  if (await isOver(sql, open.key, ctx.now)) {
    ctx.concerns({ kind: open.value.holderKind, id: open.value.holder, attributes: ["sign-in-failed"] });
    return { outcome: "password-over" };
  }
  if (await isOutdated(sql, open.key)) await setPassword(sql, open.key, password, ctx.now);
  if (await wantsCodeAtSignIn(sql, open.key)) {
    ctx.concerns({ kind: open.value.holderKind, id: open.value.holder, attributes: ["password-given"] });
    return { outcome: "needs-code", ticket: await awaitCode(sql, { account: open.key, address, agent }, ctx.now) };
  }
  const { id, token } = await openSession(
    sql,
    {
      account: open.key,
      holderKind: open.value.holderKind,
      holder: open.value.holder,
      displayName: found.name,
      assurance: ASSURANCE,
      post: found.posts[0] ?? null,
      address,
      agent,
    },
    ctx.now,
  );
  ctx.concerns({ kind: open.value.holderKind, id: open.value.holder, attributes: ["signed-in"] });
  const choosePost = found.posts.length > 1;
  return { outcome: "signed-in", token, session: id, holderKind: open.value.holderKind, choosePost };
});
