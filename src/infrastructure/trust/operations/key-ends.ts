/** What two officials do to a key together: it counts as compromised, or it is destroyed. */
import { isOpenSince } from "#kernel/database/open-transactions";
import type { Sql } from "#kernel/database/sql";
import { implement } from "../implement.ts";
import { type DataKeyRow, lockDataKeys, readProposal } from "../keys/data-key-rows.ts";
import { keyActOf, move } from "../keys/key-acts.ts";
import { mayBecome } from "../keys/life-cycle.ts";
import { officialAtPost } from "../official.ts";

/** After its end, by then every process on the database has heard of it. */
const IN_USE_MS = 60_000;

type End = "compromised" | "destroyed";

export const proposeKeyEnd = implement("proposeKeyEnd", async (ctx, { key: id, to, erases, reason }) => {
  const official = officialAtPost(ctx.act);
  if (official === undefined) return ctx.refuse("not-now");
  const sql = await ctx.tables.write();
  const key = (await lockDataKeys(sql)).find((each) => each.id === id);
  if (key === undefined) return ctx.refuse("not-found");
  if (key.state === "active") return ctx.refuse("protects");
  if (!mayBecome(key.state, to)) return ctx.refuse("not-now");
  if (to === "destroyed" && key.derived) return ctx.refuse("derived");
  const isErasing = to === "destroyed" && erases;
  if (isStillNeeded(key, to, isErasing)) return ctx.refuse("still-needed");
  const [open] = await sql.query("SELECT FROM trust.key_proposal WHERE key_id = $1 AND decision IS NULL", [id]);
  if (open !== undefined) return ctx.refuse("proposed-already");
  const [made] = await sql.query<{ number: number }>(
    `INSERT INTO trust.key_proposal (key_id, state, erases, reason, proposed_by, proposed_post, proposed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING number`,
    [id, to, isErasing, reason, official.id, official.post, ctx.now],
  );
  ctx.concerns({ kind: "official", id: official.id, attributes: [`key ${id} ${to}`] });
  return { number: made?.number ?? 0 };
});

export const decideKeyEnd = implement("decideKeyEnd", async (ctx, { number, decision, reason }) => {
  const official = officialAtPost(ctx.act);
  if (official === undefined) return ctx.refuse("not-found");
  const sql = await ctx.tables.write();
  const keys = await lockDataKeys(sql);
  const proposal = await readProposal(sql, number);
  const key = keys.find(({ id }) => id === proposal?.key);
  if (proposal === undefined || key === undefined) return ctx.refuse("not-found");
  if (proposal.decision !== null) return ctx.refuse("decided");
  if (proposal.proposedBy === official.id || proposal.proposedPost === official.post) return ctx.refuse("own-proposal");
  const { state: to, erases } = proposal;
  if (decision === "approved") {
    // What held when it was proposed may have changed.
    if (!mayBecome(key.state, to)) return ctx.refuse("not-now");
    if (isStillNeeded(key, to, erases)) return ctx.refuse("still-needed");
    if (to === "destroyed" && (await mayStillSeal(sql, key, ctx.now))) return ctx.refuse("in-use");
    await move(sql, key, to, { ...keyActOf(ctx, proposal.reason), approvedBy: official.id });
  }
  await sql.execute(
    `UPDATE trust.key_proposal SET decision = $2, decided_by = $3, decided_post = $4, decided_at = $5, decision_reason = $6
      WHERE number = $1`,
    [number, decision, official.id, official.post, ctx.now, reason],
  );
  ctx.concerns({ kind: "official", id: proposal.proposedBy, attributes: [`key ${key.id} ${to} ${decision}`] });
  return { key: key.id, state: decision === "approved" ? to : key.state };
});

/** What was never used sealed nothing. */
function isStillNeeded(key: DataKeyRow, to: End, erases: boolean): boolean {
  return to === "destroyed" && !erases && key.activatedAt !== null && key.clearedAt === null;
}

/**
 * Whether something may be sealed with it at this moment: another process has not heard yet that it has ended, or a transaction is open that began
 * when it had not. What such a one writes nobody could ever open.
 */
async function mayStillSeal(sql: Sql, { endedAt }: DataKeyRow, now: string): Promise<boolean> {
  if (endedAt === null) return false;
  const sinceMs = Date.parse(now) - Date.parse(endedAt) - IN_USE_MS;
  return sinceMs < 0 || (await isOpenSince(sql, sinceMs));
}
