import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { endSessionsOfAccount, findSession } from "../sessions.ts";

export const endOtherSessions = implement("endOtherSessions", async (ctx, { session }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const ended = await endSessionsOfAccount(await ctx.tables.write(), row.account, session);
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["signed-out-elsewhere"] });
  return { ended };
});
