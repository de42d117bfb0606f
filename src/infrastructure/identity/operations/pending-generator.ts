import { toBase32 } from "#lib/crypto/base32";
import { pendingSecret } from "../code-secrets.ts";
import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { findSession } from "../sessions.ts";

export const pendingGenerator = implement("pendingGenerator", async (ctx, { session }) => {
  const sql = ctx.tables.read();
  const row = await findSession(sql, session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const secret = await pendingSecret({ sql, secrets: ctx.secrets, account: row.account }, ctx.now);
  return secret ? { secret: toBase32(secret) } : ctx.refuse("not-begun");
});
