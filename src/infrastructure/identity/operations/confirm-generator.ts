import { confirmSecret } from "../code-secrets.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { codeWaitSeconds, countedCode, hasFactor } from "../factors.ts";
import { implement } from "../implement.ts";
import { mayChangeFactors, sessionProblem } from "../own-session.ts";
import { makeRecoveryCodes } from "../recovery-codes.ts";
import { findSession, raiseSession } from "../sessions.ts";

export const confirmGenerator = implement("confirmGenerator", async (ctx, { session, code }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const { account } = row;
  if ((await hasFactor(ctx.tables.read(), account)) && !mayChangeFactors(row, ctx.now))
    return ctx.refuse("prove-first");
  const seconds = await codeWaitSeconds(ctx.tables.read(), account, ctx.now);
  if (seconds > 0) return { outcome: "wait", seconds };
  const address = await emailAddressOf(ctx.registers, row);
  const sql = await ctx.tables.write();
  const place = { sql, secrets: ctx.secrets, account };
  const right = await confirmSecret(place, code.replaceAll(/\s/g, ""), ctx.now);
  if (!(await countedCode(sql, account, { right, at: ctx.now }))) return { outcome: "wrong" };
  const recoveryCodes = await makeRecoveryCodes(sql, ctx.secrets, { account, at: ctx.now });
  const token = await raiseSession(sql, { session, level: 2, methods: ["otp"], at: ctx.now });
  if (token === undefined) return ctx.refuse("session-ended");
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["code-generator-set-up"] });
  await announceFactors(address, "generator-set-up");
  return { outcome: "confirmed", token, recoveryCodes: [...recoveryCodes] };
});
