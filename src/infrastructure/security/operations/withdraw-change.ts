import { implement } from "../implement.ts";
import { CHANGED_CHANNEL, locked, noteChange, officialOf, ownChange } from "../proposal.ts";

export const withdrawChange = implement("withdrawChange", async (ctx, { number, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await locked(ctx);
  const change = await ownChange(sql, official, number);
  if (!change) return ctx.refuse("not-found");
  const begun = change.inForceFrom !== undefined && Date.parse(change.inForceFrom) <= Date.parse(ctx.now);
  if (begun || change.decision === "rejected" || change.withdrawnAt !== undefined) return ctx.refuse("too-late");
  await sql.execute(
    "UPDATE security.change SET withdrawn_by = $2, withdrawn_at = $3, withdrawal_reason = $4 WHERE number = $1",
    [number, official.id, ctx.now, reason],
  );
  await sql.query("SELECT pg_notify($1, $2)", [CHANGED_CHANNEL, String(number)]);
  noteChange(ctx, change.proposedBy, change);
  return {};
});
