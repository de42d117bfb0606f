import { addressSubject, noteFailure, waitSeconds } from "../attempts.ts";
import { FAILED_SIGN_IN } from "../failed-sign-in.ts";
import { findHolder } from "../holders.ts";
import { implement } from "../implement.ts";
import { accountNamedBy, passkeyLevel, provenPasskey } from "../passkeys.ts";
import { openSession } from "../sessions.ts";

export const signInByPasskey = implement("signInByPasskey", async (ctx, { response, address, agent }) => {
  const from = addressSubject(address);
  const seconds = await waitSeconds(ctx.tables.read(), [from], ctx.now);
  if (seconds > 0) return { outcome: "wait", seconds };
  const named = await accountNamedBy(ctx.tables.read(), response);
  const account = named === undefined ? undefined : await ctx.registers.account.get(named);
  const open = account?.value.status === "active" ? account : undefined;
  const { holderKind, holder } = open?.value ?? {};
  const found = holderKind && holder ? await findHolder(ctx.rooms, holderKind, holder) : undefined;
  const sql = await ctx.tables.write();
  const passkey = await provenPasskey({ sql, secrets: ctx.secrets, response, use: "sign-in", at: ctx.now });
  if (passkey?.account !== open?.key || !passkey || !open || !holderKind || !holder || !found) {
    await noteFailure(sql, from, ctx.now);
    if (holderKind && holder) ctx.concerns({ kind: holderKind, id: holder, attributes: ["sign-in-failed"] });
    await ctx.record(FAILED_SIGN_IN);
    return { outcome: "failed" };
  }
  const { id, token } = await openSession(
    sql,
    {
      account: open.key,
      holderKind,
      holder,
      displayName: found.name,
      assurance: passkeyLevel(passkey),
      post: found.posts[0] ?? null,
      address,
      agent,
      methods: ["pop", "user"],
    },
    ctx.now,
  );
  ctx.concerns({ kind: holderKind, id: holder, attributes: ["signed-in"] });
  return { outcome: "signed-in", token, session: id, holderKind };
});
