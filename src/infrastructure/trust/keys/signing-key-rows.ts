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
