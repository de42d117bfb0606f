import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { codeWaitSeconds, triedCode } from "../factors.ts";
import { FAILED_PROOF } from "../failed-sign-in.ts";
import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { readRecoveryCode } from "../recovery-codes.ts";
import { findSession, raiseSession } from "../sessions.ts";

export const proveByCode = implement("proveByCode", async (ctx, { session, code }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const { account, holderKind: kind, holder: id } = row;
  const seconds = await codeWaitSeconds(ctx.tables.read(), account, ctx.now);
  if (seconds > 0) return { outcome: "wait", seconds };
  const address = readRecoveryCode(code) && (await emailAddressOf(ctx.registers, row));
  const sql = await ctx.tables.write();
  const { outcome, byRecovery } = await triedCode(sql, ctx.secrets, { account, given: code, at: ctx.now });
  if (outcome !== "right") {
    ctx.concerns({ kind, id, attributes: ["code-failed"] });
    await ctx.record(FAILED_PROOF);
    return { outcome };
  }
  const token = await raiseSession(sql, { session, level: 2, methods: ["otp"], at: ctx.now });
  if (token === undefined) return ctx.refuse("session-ended");
  ctx.concerns({ kind, id, attributes: [byRecovery ? "recovery-code-used" : "code-used"] });
  if (byRecovery) await announceFactors(address, "recovery-code-used");
  return { outcome: "proved", token };
});
