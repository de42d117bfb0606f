import { setCodeAtSignIn } from "../awaited-codes.ts";
import { removeSecret } from "../code-secrets.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { mayChangeFactors, sessionProblem } from "../own-session.ts";
import { findSession } from "../sessions.ts";

export const removeGenerator = implement("removeGenerator", async (ctx, { session }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  if (!mayChangeFactors(row, ctx.now)) return ctx.refuse("prove-first");
  const address = await emailAddressOf(ctx.registers, row);
  const sql = await ctx.tables.write();
  const removed = await removeSecret(sql, row.account);
  if (removed) {
    await setCodeAtSignIn(sql, row.account, false);
    ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["code-generator-removed"] });
    await announceFactors(address, "generator-removed");
  }
  return { removed };
});
