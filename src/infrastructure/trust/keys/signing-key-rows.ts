import type { Sql } from "#kernel/database/sql";
import type { HeldKey } from "./held-keys.ts";
import type { KeyState } from "./life-cycle.ts";

/** A key as the register has it. Instants are ISO 8601 UTC. */
export interface SigningKeyRow extends Pick<HeldKey, "label" | "fingerprint" | "use" | "algorithm"> {
  readonly state: KeyState;
  readonly notedAt: string;
  readonly replaceBy: string;
  readonly endedAt: string | null;
}

/** What one node has in its life: few, of which each is replaced once in some months or years. */
export const SIGNING_KEYS_MAX = 2_000;

/** All there ever were, those of one label together, the newest first. */
export function readSigningKeys(sql: Sql): Promise<readonly SigningKeyRow[]> {
  return sql.query<SigningKeyRow>(
    `SELECT label, fingerprint, use, algorithm, state, noted_at AS "notedAt", replace_by AS "replaceBy", ended_at AS "endedAt"
       FROM trust.signing_key ORDER BY label, noted_at DESC, fingerprint LIMIT $1`,
    [SIGNING_KEYS_MAX],
  );
}

/** Held until the transaction ends: of several processes that note the same, one does. */
export async function lockSigningKeys(sql: Sql): Promise<readonly SigningKeyRow[]> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('trust.signing_key', 0))");
  return readSigningKeys(sql);
}

export async function addSigningKey(sql: Sql, key: HeldKey, at: string): Promise<void> {
  const { label, fingerprint, use, algorithm, months = 0 } = key;
  const after = () => Temporal.Instant.from(at).toZonedDateTimeISO("UTC").add({ months }).toInstant().toString();
  await sql.execute(
    `INSERT INTO trust.signing_key (label, fingerprint, use, algorithm, state, noted_at, replace_by)
     VALUES ($1, $2, $3, $4, 'active', $5, $6)`,
    [label, fingerprint, use, algorithm, at, key.replaceBy ?? after()],
  );
}

export async function moveSigningKey(
  sql: Sql,
  { label, fingerprint }: Pick<SigningKeyRow, "label" | "fingerprint">,
  to: KeyState,
  at: string,
): Promise<void> {
  await sql.execute(
    `UPDATE trust.signing_key SET state = $3,
       ended_at = CASE WHEN $3 = 'active' THEN NULL ELSE coalesce(ended_at, $4) END
      WHERE label = $1 AND fingerprint = $2`,
    [label, fingerprint, to, at],
  );
}

/** Fingerprints of those that count as compromised, and of what once did. */
export async function compromisedKeys(sql: Sql): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ fingerprint: string }>(
    `SELECT fingerprint FROM trust.signing_key WHERE state = 'compromised'
     UNION SELECT fingerprint FROM trust.signing_key_proposal WHERE decision = 'approved' LIMIT $1`,
    [SIGNING_KEYS_MAX],
  );
  return new Set(rows.map(({ fingerprint }) => fingerprint));
}

/** What one official found of a key, and what another said to it. */
export interface SigningKeyProposalRow extends Pick<SigningKeyRow, "label" | "fingerprint" | "use"> {
  readonly number: number;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedPost: string;
  readonly proposedAt: string;
  readonly decision: "approved" | "rejected" | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly decisionReason: string | null;
}

const PROPOSAL = `number, label, fingerprint, use, reason, proposed_by AS "proposedBy", proposed_post AS "proposedPost",
  proposed_at AS "proposedAt", decision, decided_by AS "decidedBy", decided_at AS "decidedAt", decision_reason AS "decisionReason"
  FROM trust.signing_key_proposal JOIN trust.signing_key USING (label, fingerprint)`;

/** The newest first. */
export function readSigningKeyProposals(sql: Sql, limit: number): Promise<readonly SigningKeyProposalRow[]> {
  return sql.query<SigningKeyProposalRow>(`SELECT ${PROPOSAL} ORDER BY number DESC LIMIT $1`, [limit]);
}

export async function readSigningKeyProposal(sql: Sql, number: number): Promise<SigningKeyProposalRow | undefined> {
  const [row] = await sql.query<SigningKeyProposalRow>(`SELECT ${PROPOSAL} WHERE number = $1`, [number]);
  return row;
}
