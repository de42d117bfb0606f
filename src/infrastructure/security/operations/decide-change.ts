import type { Sql } from "#kernel/database/sql";
import { implement } from "../implement.ts";
import {
  beginningOf,
  CHANGED_CHANNEL,
  groundOf,
  locked,
  noteChange,
  objectionTo,
  officialOf,
  ownChange,
  reached,
} from "../proposal.ts";

export const decideChange = implement("decideChange", async (ctx, { number, decision, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const proposed = await ownChange(ctx.tables.read(), official, number);
  if (!proposed) return ctx.refuse("not-found");
  if (proposed.proposedBy === official.id || proposed.proposedPost === official.post.id)
    return ctx.refuse("own-proposal");
  const reach = await reached(ctx, proposed);
  const sql = await locked(ctx);
  const change = await ownChange(sql, official, number);
  if (!change || change.decision !== undefined || change.withdrawnAt !== undefined) return ctx.refuse("decided");
  const fromMs = beginningOf(change.effectiveAt, ctx.now);
  if (decision === "approved") {
    // What is in force may have changed since it was proposed: it is checked again, on what is approved now.
    const objection = objectionTo(await groundOf(sql, reach), change, fromMs, ctx.act.language);
    if (objection) return ctx.refuse(objection.code, objection.values);
  }
  const inForceFrom = decision === "approved" ? new Date(fromMs).toISOString() : undefined;
  await write(sql, { number, decision, reason, inForceFrom, by: official.id, post: official.post.id, at: ctx.now });
  noteChange(ctx, change.proposedBy, change);
  return inForceFrom === undefined ? {} : { inForceFrom };
});

async function write(
  sql: Sql,
  decided: {
    readonly number: number;
    readonly decision: string;
    readonly reason: string;
    readonly inForceFrom: string | undefined;
    readonly by: string;
    readonly post: string;
    readonly at: string;
  },
): Promise<void> {
  const { number, decision, reason, inForceFrom, by, post, at } = decided;
  await sql.execute(
    `UPDATE security.change SET decision = $2, decided_by = $3, decided_post = $4, decided_at = $5, decision_reason = $6,
       in_force_from = $7 WHERE number = $1`,
    [number, decision, by, post, at, reason, inForceFrom ?? null],
  );
  await sql.query("SELECT pg_notify($1, $2)", [CHANGED_CHANNEL, String(number)]);
}
