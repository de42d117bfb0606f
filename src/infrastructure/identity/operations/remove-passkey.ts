import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { mayChangeFactors, sessionProblem } from "../own-session.ts";
import { removePasskeyOf } from "../passkeys.ts";
import { findSession } from "../sessions.ts";

export const removePasskey = implement("removePasskey", async (ctx, { session, id }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  if (!mayChangeFactors(row, ctx.now)) return ctx.refuse("prove-first");
  const address = await emailAddressOf(ctx.registers, row);
  const removed = await removePasskeyOf(await ctx.tables.write(), row.account, id);
  if (removed) {
    ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["passkey-removed"] });
    await announceFactors(address, "passkey-removed");
  }
  return { removed };
});
