/** Another key follows the log's: one proposes it, another decides, and the log's sequencer does it with its next round. */
import { createHash } from "node:crypto";
import type { Sql } from "#kernel/database/sql";
import { SUCCESSIONS_MAX } from "#lib/merkle/succession";
import { implement } from "../implement.ts";
import { keyPorts } from "../keys/key-ports.ts";
import { officialAtPost } from "../official.ts";
import { PROPOSALS_SHOWN, present } from "./data-keys.ts";

interface ProposalRow {
  readonly number: number;
  readonly reason: string;
  readonly proposedBy: string | null;
  readonly proposedAt: string;
  readonly decision: "approved" | "rejected" | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly decisionReason: string | null;
}

const PROPOSAL = `number, reason, proposed_by AS "proposedBy", proposed_at AS "proposedAt", decision, decided_by AS "decidedBy",
  decided_at AS "decidedAt", decision_reason AS "decisionReason"`;

export const logKey = implement("logKey", async (ctx) => {
  const sql = ctx.tables.read();
  const log = await keyPorts().log(sql);
  const proposals = await sql.query<ProposalRow>(
    `SELECT ${PROPOSAL} FROM trust.log_key_proposal ORDER BY number DESC LIMIT $1`,
    [PROPOSALS_SHOWN],
  );
  return { ...log, proposals: proposals.map(present) };
});

export const proposeLogKeyChange = implement("proposeLogKeyChange", async (ctx, { reason }) => {
  const official = officialAtPost(ctx.act);
  const sql = await ctx.tables.write();
  await lock(sql);
  const { wanted, generation } = await keyPorts().log(sql);
  if (wanted) return ctx.refuse("rotating");
  if (generation > SUCCESSIONS_MAX) return ctx.refuse("full");
  const [open] = await sql.query("SELECT FROM trust.log_key_proposal WHERE decision IS NULL");
  if (open !== undefined) return ctx.refuse("proposed-already");
  const [made] = await sql.query<{ number: number }>(
    `INSERT INTO trust.log_key_proposal (reason, proposed_by, proposed_post, proposed_at) VALUES ($1, $2, $3, $4)
     RETURNING number`,
    [reason, official?.id ?? null, official?.post ?? null, ctx.now],
  );
  if (official !== undefined) ctx.concerns({ kind: "official", id: official.id, attributes: ["log key change"] });
  return { number: made?.number ?? 0 };
});

export const decideLogKeyChange = implement("decideLogKeyChange", async (ctx, { number, decision, reason }) => {
  const official = officialAtPost(ctx.act);
  if (official === undefined) return ctx.refuse("not-found");
  const sql = await ctx.tables.write();
  await lock(sql);
  const [proposal] = await sql.query<ProposalRow & { readonly proposedPost: string | null }>(
    `SELECT ${PROPOSAL}, proposed_post AS "proposedPost" FROM trust.log_key_proposal WHERE number = $1`,
    [number],
  );
  if (proposal === undefined) return ctx.refuse("not-found");
  if (proposal.decision !== null) return ctx.refuse("decided");
  if (proposal.proposedBy === official.id || proposal.proposedPost === official.post) return ctx.refuse("own-proposal");
  const next = decision === "approved" ? await keyPorts().followLogKey(sql) : undefined;
  if (decision === "approved" && next === undefined) return ctx.refuse("rotating");
  await sql.execute(
    `UPDATE trust.log_key_proposal SET decision = $2, decided_by = $3, decided_post = $4, decided_at = $5, decision_reason = $6
      WHERE number = $1`,
    [number, decision, official.id, official.post, ctx.now, reason],
  );
  if (proposal.proposedBy !== null)
    ctx.concerns({ kind: "official", id: proposal.proposedBy, attributes: [`log key change ${decision}`] });
  if (next === undefined) return {};
  await keyPorts().record(sql, {
    ...{ what: "log-key-follows", holder: { kind: "node", id: "log" }, at: ctx.now, reason: proposal.reason },
    digest: createHash("sha256").update(next).digest("hex"),
  });
  await keyPorts().tendAt(sql, ctx.now);
  return { next };
});

/** Of two who decide at once one is second. */
async function lock(sql: Sql): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('trust.log_key_proposal', 0))");
}
