import { wantsCodeAtSignIn } from "../awaited-codes.ts";
import { codeGenerator } from "../code-secrets.ts";
import { barredFromBinding } from "../factors.ts";
import { implement } from "../implement.ts";
import { sessionProblem, signInNameOf } from "../own-session.ts";
import { passkeysOf } from "../passkeys.ts";
import { openFrom, recoveryOf } from "../recoveries.ts";
import { recoveryCodesLeft } from "../recovery-codes.ts";
import { findSession } from "../sessions.ts";

export const myFactors = implement("myFactors", async (ctx, { session }) => {
  const sql = ctx.tables.read();
  const row = await findSession(sql, session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const recovery = await recoveryOf(sql, row.account, ctx.now);
  const from = recovery && openFrom(recovery);
  const notOpened = (await barredFromBinding(sql, row, ctx.now)) === "not-opened";
  const generator = await codeGenerator(sql, row.account);
  return {
    signInName: await signInNameOf(ctx.registers, row),
    ...(notOpened && { notOpened: true as const }),
    ...(generator && {
      generator: {
        since: generator.since,
        ...(generator.lastStep !== undefined && { lastStep: generator.lastStep }),
      },
    }),
    ...(recovery && { recovery: { askedAt: recovery.askedAt, ...(from !== undefined && { from }) } }),
    codeAtSignIn: await wantsCodeAtSignIn(sql, row.account),
    recoveryCodesLeft: await recoveryCodesLeft(sql, row.account),
    passkeys: (await passkeysOf(sql, row.account)).map(({ id, name, madeAt, usedAt, multiDevice, backedUp }) => {
      return { id, name, madeAt, usedAt: usedAt ?? madeAt, multiDevice, backedUp };
    }),
  };
});
