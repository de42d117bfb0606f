import { emailAddressOf } from "../email-entries.ts";
import { announceFactors } from "../email-port.ts";
import { barredFromBinding } from "../factors.ts";
import { implement } from "../implement.ts";
import { sessionProblem } from "../own-session.ts";
import { addPasskey as add, passkeyLevel } from "../passkeys.ts";
import { makeRecoveryCodes, recoveryCodesLeft } from "../recovery-codes.ts";
import { findSession, raiseSession } from "../sessions.ts";

export const addPasskey = implement("addPasskey", async (ctx, { session, name, response }) => {
  const row = await findSession(ctx.tables.read(), session, ctx.now);
  const problem = sessionProblem(ctx.act, row);
  if (problem || !row) return ctx.refuse(problem ?? "session-ended");
  const { account } = row;
  const barred = await barredFromBinding(ctx.tables.read(), row, ctx.now);
  if (barred) return ctx.refuse(barred);
  const address = await emailAddressOf(ctx.registers, row);
  const sql = await ctx.tables.write();
  const judged = { sql, secrets: ctx.secrets, response, use: `add ${session}`, at: ctx.now };
  const added = await add(judged, { account, name });
  if (!added) return { outcome: "failed" };
  const { secrets, now: at } = ctx;
  const codes =
    (await recoveryCodesLeft(sql, account)) > 0 ? [] : await makeRecoveryCodes(sql, secrets, { account, at });
  const token = await raiseSession(sql, { session, level: passkeyLevel(added), methods: ["pop", "user"], at });
  if (token === undefined) return ctx.refuse("session-ended");
  ctx.concerns({ kind: row.holderKind, id: row.holder, attributes: ["passkey-added"] });
  await announceFactors(address, "passkey-added");
  return { outcome: "added", token, recoveryCodes: [...codes] };
});
