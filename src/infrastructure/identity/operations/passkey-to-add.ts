import { implement } from "../implement.ts";
import { sessionProblem, signInNameOf } from "../own-session.ts";
import { newChallenge } from "../passkey-challenge.ts";
import { creationOptions } from "../passkey-options.ts";
import { passkeysOf } from "../passkeys.ts";
import { findSession } from "../sessions.ts";

export const passkeyToAdd = implement("passkeyToAdd", async (ctx, { session }) => {
  const sql = ctx.tables.read();
  const row = await findSession(sql, session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  return {
    options: creationOptions(newChallenge(ctx.secrets, `add ${session}`, ctx.now), {
      // Not the account's key: what an authenticator stores tells nothing of the register.
      userHandle: ctx.secrets.digest(`passkey user ${row.account}`),
      signInName: await signInNameOf(ctx.registers, row),
      displayName: row.displayName,
      held: (await passkeysOf(sql, row.account)).map(({ credentialId }) => credentialId),
    }),
  };
});
