import { FAILED_PROOF } from "../failed-sign-in.ts";
import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { passkeyLevel, provenPasskey } from "../passkeys.ts";
import { findSession, raiseSession } from "../sessions.ts";

export const proveByPasskey = implement("proveByPasskey", async (ctx, { session, response }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const sql = await ctx.tables.write();
  const passkey = await provenPasskey({ sql, secrets: ctx.secrets, response, use: `prove ${session}`, at: ctx.now });
  // Someone else's passkey on the same device proves nothing here.
  if (passkey?.account !== row.account) {
    ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["passkey-failed"] });
    await ctx.record(FAILED_PROOF);
    return { outcome: "failed" };
  }
  const proved = { session, level: passkeyLevel(passkey), methods: ["pop", "user"], at: ctx.now };
  const token = await raiseSession(sql, proved);
  if (token === undefined) return ctx.refuse("session-ended");
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["passkey-used"] });
  return { outcome: "proved", token };
});
