/** What two officials say of a key that the node signs with: it counts as compromised, and another takes its place. */
import { implement } from "../implement.ts";
import { KEYS_CHANGED_CHANNEL } from "../keys/data-key-rows.ts";
import type { HeldKeyUse } from "../keys/held-keys.ts";
import { keyPorts } from "../keys/key-ports.ts";
import { mayBecome } from "../keys/life-cycle.ts";
import { lockSigningKeys, moveSigningKey, readSigningKeyProposal } from "../keys/signing-key-rows.ts";
import { officialAtPost } from "../official.ts";

/** Those in whose place the node takes another by itself. */
const REPLACED: ReadonlySet<HeldKeyUse> = new Set(["sign-in", "message", "connection"]);

export const proposeSigningKeyCompromise = implement(
  "proposeSigningKeyCompromise",
  async (ctx, { fingerprint, reason }) => {
    const official = officialAtPost(ctx.act);
    if (official === undefined) return ctx.refuse("not-now");
    const sql = await ctx.tables.write();
    const key = (await lockSigningKeys(sql)).find((each) => each.fingerprint === fingerprint);
    if (key === undefined) return ctx.refuse("not-found");
    if (!REPLACED.has(key.use)) return ctx.refuse("by-hand");
    if (!mayBecome(key.state, "compromised")) return ctx.refuse("not-now");
    const { label } = key;
    const [open] = await sql.query(
      "SELECT FROM trust.signing_key_proposal WHERE label = $1 AND fingerprint = $2 AND decision IS NULL",
      [label, fingerprint],
    );
    if (open !== undefined) return ctx.refuse("proposed-already");
    const [made] = await sql.query<{ number: number }>(
      `INSERT INTO trust.signing_key_proposal (label, fingerprint, reason, proposed_by, proposed_post, proposed_at)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING number`,
      [label, fingerprint, reason, official.id, official.post, ctx.now],
    );
    ctx.concerns({ kind: "official", id: official.id, attributes: [`key ${label} compromised`] });
    return { number: made?.number ?? 0 };
  },
);

export const decideSigningKeyCompromise = implement(
  "decideSigningKeyCompromise",
  async (ctx, { number, decision, reason }) => {
    const official = officialAtPost(ctx.act);
    if (official === undefined) return ctx.refuse("not-found");
    const sql = await ctx.tables.write();
    const keys = await lockSigningKeys(sql);
    const proposal = await readSigningKeyProposal(sql, number);
    const key = keys.find(
      ({ label, fingerprint }) => label === proposal?.label && fingerprint === proposal.fingerprint,
    );
    if (proposal === undefined || key === undefined) return ctx.refuse("not-found");
    if (proposal.decision !== null) return ctx.refuse("decided");
    if (proposal.proposedBy === official.id || proposal.proposedPost === official.post)
      return ctx.refuse("own-proposal");
    const { label, fingerprint } = key;
    if (decision === "approved") {
      // What held when it was proposed may have changed.
      if (!mayBecome(key.state, "compromised")) return ctx.refuse("not-now");
      await moveSigningKey(sql, key, "compromised", ctx.now);
      const event = { what: "signing-key-compromised", holder: { kind: "node", id: label }, at: ctx.now } as const;
      await keyPorts().record(sql, { ...event, reason: proposal.reason, digest: fingerprint });
      await sql.query("SELECT pg_notify($1, $2)", [KEYS_CHANGED_CHANNEL, label]);
      await keyPorts().tendAt(sql, ctx.now);
    }
    await sql.execute(
      `UPDATE trust.signing_key_proposal SET decision = $2, decided_by = $3, decided_post = $4, decided_at = $5, decision_reason = $6
        WHERE number = $1`,
      [number, decision, official.id, official.post, ctx.now, reason],
    );
    ctx.concerns({ kind: "official", id: proposal.proposedBy, attributes: [`key ${label} compromised ${decision}`] });
    return { fingerprint, state: decision === "approved" ? "compromised" : key.state };
  },
);
