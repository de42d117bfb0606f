import { randomBytes } from "#kernel/random";
import { CODE_SECRET_BYTES } from "#lib/crypto/one-time-password";
import { proposeSecret } from "../code-secrets.ts";
import { barredFromBinding } from "../factors.ts";
import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { findSession } from "../sessions.ts";

export const beginGenerator = implement("beginGenerator", async (ctx, { session }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const barred = await barredFromBinding(ctx.tables.read(), row, ctx.now);
  if (barred) return ctx.refuse(barred);
  const place = { sql: await ctx.tables.write(), secrets: ctx.secrets, account: row.account };
  await proposeSecret(place, randomBytes(CODE_SECRET_BYTES), ctx.now);
  return { begun: true };
});
