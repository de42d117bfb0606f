import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { newChallenge } from "../passkey-challenge.ts";
import { requestOptions } from "../passkey-options.ts";
import { findSession } from "../sessions.ts";

export const passkeyToProve = implement("passkeyToProve", async (ctx, { session }) => {
  const problem = sessionProblem(ctx.act, await findSession(ctx.tables.read(), session, ctx.now));
  if (problem) return ctx.refuse(problem);
  return { options: requestOptions(newChallenge(ctx.secrets, `prove ${session}`, ctx.now)) };
});
