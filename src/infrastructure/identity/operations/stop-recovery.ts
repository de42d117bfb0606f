import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { endRecovery } from "../recoveries.ts";
import { findSession } from "../sessions.ts";

/** By any sign-in of the holder: whoever can sign in does not need it, and whoever took his password must not profit from the delay. */
export const stopRecovery = implement("stopRecovery", async (ctx, { session }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const stopped = await endRecovery(await ctx.tables.write(), row.account);
  if (stopped) ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["recovery-stopped"] });
  return { stopped };
});
