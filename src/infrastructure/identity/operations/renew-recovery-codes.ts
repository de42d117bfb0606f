import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { implement } from "../implement.ts";
import { mayChangeFactors, sessionProblem } from "../own-session.ts";
import { makeRecoveryCodes } from "../recovery-codes.ts";
import { findSession } from "../sessions.ts";

export const renewRecoveryCodes = implement("renewRecoveryCodes", async (ctx, { session }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  if (!mayChangeFactors(row, ctx.now)) return ctx.refuse("prove-first");
  const address = await emailAddressOf(ctx.registers, row);
  const sql = await ctx.tables.write();
  const recoveryCodes = await makeRecoveryCodes(sql, ctx.secrets, { account: row.account, at: ctx.now });
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["recovery-codes-renewed"] });
  await announceFactors(address, "recovery-codes-renewed");
  return { recoveryCodes: [...recoveryCodes] };
});
