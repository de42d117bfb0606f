import { setCodeAtSignIn } from "../awaited-codes.ts";
import { codeGenerator } from "../code-secrets.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { mayChangeFactors, sessionProblem } from "../own-session.ts";
import { findSession } from "../sessions.ts";

export const askCodeAtSignIn = implement("askCodeAtSignIn", async (ctx, { session, wanted }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  if (!mayChangeFactors(row, ctx.now)) return ctx.refuse("prove-first");
  if (wanted && (await codeGenerator(ctx.tables.read(), row.account)) === undefined) return ctx.refuse("no-generator");
  const address = await emailAddressOf(ctx.registers, row);
  const changed = await setCodeAtSignIn(await ctx.tables.write(), row.account, wanted);
  const change = wanted ? "code-at-sign-in" : "no-code-at-sign-in";
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: [change] });
  if (changed) await announceFactors(address, change);
  return { wanted: changed && wanted };
});
