import { awaitedCode, takeTicket } from "../awaited-codes.ts";
import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { codeWaitSeconds, triedCode } from "../factors.ts";
import { FAILED_PROOF } from "../failed-sign-in.ts";
import { findHolder } from "../holders.ts";
import { implement } from "../implement.ts";
import { readRecoveryCode } from "../recovery-codes.ts";
import { openSession } from "../sessions.ts";

export const finishSignIn = implement("finishSignIn", async (ctx, { ticket, code }) => {
  const begun = await awaitedCode(ctx.tables.read(), ticket, ctx.now);
  const account = begun && (await ctx.registers.account.get(begun.account));
  if (!begun || account?.value.status !== "active") return { outcome: "over" };
  const seconds = await codeWaitSeconds(ctx.tables.read(), account.key, ctx.now);
  if (seconds > 0) return { outcome: "wait", seconds };
  const { holderKind: kind, holder: id } = account.value;
  const found = await findHolder(ctx.rooms, kind, id);
  if (!found) return { outcome: "over" };
  const address = readRecoveryCode(code) && (await emailAddressOf(ctx.registers, account.value));

  const sql = await ctx.tables.write();
  const tried = await triedCode(sql, ctx.secrets, { account: account.key, given: code, at: ctx.now });
  if (tried.outcome !== "right") {
    ctx.concerns({ kind, id, attributes: ["code-failed"] });
    await ctx.record(FAILED_PROOF);
    return { outcome: tried.outcome };
  }
  if (!(await takeTicket(sql, ticket))) return { outcome: "over" };
  const { id: session, token } = await openSession(
    sql,
    {
      account: account.key,
      holderKind: kind,
      holder: id,
      displayName: found.name,
      assurance: 2,
      post: found.posts[0] ?? null,
      address: begun.address,
      agent: begun.agent,
      methods: ["pwd", "otp"],
    },
    ctx.now,
  );
  ctx.concerns({ kind, id, attributes: ["signed-in", ...(tried.byRecovery ? ["recovery-code-used"] : [])] });
  if (tried.byRecovery) await announceFactors(address, "recovery-code-used");
  return { outcome: "signed-in", token, session, holderKind: kind, choosePost: found.posts.length > 1 };
});
