import type { Sql } from "#kernel/database/sql";
import type { CryptoSuite } from "#lib/crypto/suite";
import type { KeyState } from "./life-cycle.ts";

/** Tells the processes on one database that a key was made or changed. */
export const KEYS_CHANGED_CHANNEL = "zhengtong_keys";

/**
 * NIST SP 800-57 part 1, table 1: a key that encrypts data protects for two years at most, and is needed for three years more at
 * most, unless what it protected is moved to another key, as it is here. Ours protect for one.
 */
export const PROTECTS_MONTHS = 12;
export const PROCESSES_MONTHS = 48;

/**
 * The same of a key that makes blind indexes, names and tokens: a symmetric key for authentication, whose originator-usage period is two
 * years at most.
 */
export const INDEXES_MONTHS = 24;

/** `seal`: keeps secret. `index`: finds what is sealed, names subjects in the ledger's tables, signs the tokens of forms. */
export type DataKeyKind = "seal" | "index";
export const DATA_KEY_KINDS = ["seal", "index"] as const;

const TABLES: Readonly<Record<DataKeyKind, string>> = { seal: "trust.data_key", index: "trust.index_key" };
const PROTECTS: Readonly<Record<DataKeyKind, number>> = { seal: PROTECTS_MONTHS, index: INDEXES_MONTHS };

/** A data key as the register has it. Instants are ISO 8601 UTC. */
export interface DataKeyRow {
  readonly kind: DataKeyKind;
  readonly id: string;
  readonly generation: number;
  readonly suite: CryptoSuite["name"];
  readonly derived: boolean;
  readonly state: KeyState;
  /** What becomes of the one before when this one begins to protect. */
  readonly predecessorBecomes: "deactivated" | "suspended";
  readonly madeAt: string;
  readonly activeFrom: string;
  readonly protectsUntil: string;
  readonly processesUntil: string;
  readonly activatedAt: string | null;
  readonly endedAt: string | null;
  readonly destroyedAt: string | null;
  readonly clearedAt: string | null;
}

/** Who did something to a key, and why. */
export interface KeyAct {
  readonly at: string;
  readonly by: { readonly kind: string; readonly id: string };
  readonly approvedBy?: string;
  readonly reason: string;
  /** Whether the ledger cannot have it yet. */
  readonly untold?: true;
}

/** What a new key brings with it. */
export interface MadeKey {
  readonly id: string;
  readonly suite: CryptoSuite["name"];
  /** Absent: it derives from the node's key. */
  readonly wrapped?: Uint8Array;
}

const COLUMNS = `id, generation, suite, derived, state, predecessor_becomes AS "predecessorBecomes", made_at AS "madeAt", active_from AS "activeFrom",
  protects_until AS "protectsUntil", processes_until AS "processesUntil", activated_at AS "activatedAt",
  ended_at AS "endedAt", destroyed_at AS "destroyedAt", cleared_at AS "clearedAt"`;

/** Generations that one node has in its life. */
export const GENERATIONS_MAX = 1_000;

/** All there ever were of a kind, oldest first. */
export function readDataKeys(sql: Sql, kind: DataKeyKind): Promise<readonly DataKeyRow[]> {
  return sql.query<DataKeyRow>(`SELECT $2 AS kind, ${COLUMNS} FROM ${TABLES[kind]} ORDER BY generation LIMIT $1`, [
    ...[GENERATIONS_MAX, kind],
  ]);
}

/** Of both kinds, those that seal first. */
export async function readAllDataKeys(sql: Sql): Promise<readonly DataKeyRow[]> {
  return [...(await readDataKeys(sql, "seal")), ...(await readDataKeys(sql, "index"))];
}

/** Held until the transaction ends: keys are made and changed one after another. Gives those of both kinds. */
export async function lockDataKeys(sql: Sql): Promise<readonly DataKeyRow[]> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('trust.data_key', 0))");
  return readAllDataKeys(sql);
}

export interface SealedKey extends Pick<DataKeyRow, "kind" | "id" | "suite" | "derived" | "state" | "endedAt"> {
  readonly wrapped: Uint8Array | null;
}

/** With what they themselves are sealed in; in one look, so that both kinds are of one moment. */
export function readSealedKeys(sql: Sql): Promise<readonly SealedKey[]> {
  const columns = 'id, suite, derived, state, ended_at AS "endedAt", wrapped, generation';
  return sql.query<SealedKey>(
    `(SELECT 'seal' AS kind, ${columns} FROM trust.data_key ORDER BY generation LIMIT $1) UNION ALL
     (SELECT 'index' AS kind, ${columns} FROM trust.index_key ORDER BY generation LIMIT $1) ORDER BY kind, generation`,
    [GENERATIONS_MAX],
  );
}

/** Writes a key that is to protect from an instant on. */
export async function addDataKey(
  sql: Sql,
  key: MadeKey,
  about: KeyAct & {
    readonly kind: DataKeyKind;
    readonly generation: number;
    readonly activeFrom: string;
    readonly predecessorBecomes?: DataKeyRow["predecessorBecomes"];
  },
): Promise<void> {
  const from = Temporal.Instant.from(about.activeFrom).toZonedDateTimeISO("UTC");
  await sql.execute(
    `INSERT INTO ${TABLES[about.kind]}
       (id, generation, suite, derived, wrapped, state, predecessor_becomes, made_at, active_from, protects_until, processes_until)
     VALUES ($1, $2, $3, $4, $5, 'pre-active', $10, $6, $7, $8, $9)`,
    [
      key.id,
      about.generation,
      key.suite,
      key.wrapped === undefined,
      key.wrapped ?? null,
      about.at,
      about.activeFrom,
      from.add({ months: PROTECTS[about.kind] }).toInstant().toString(),
      from.add({ months: PROCESSES_MONTHS }).toInstant().toString(),
      about.predecessorBecomes ?? "deactivated",
    ],
  );
  await noteKey(sql, key.id, "pre-active", about);
}

/** Brings a key into another state; the table holds the life cycle. */
export async function moveDataKey(
  sql: Sql,
  { id, kind }: Pick<DataKeyRow, "id" | "kind">,
  to: KeyState,
  act: KeyAct,
): Promise<void> {
  await sql.execute(
    `UPDATE ${TABLES[kind]} SET state = $2,
       activated_at = CASE WHEN $2 = 'active' THEN coalesce(activated_at, $3) ELSE activated_at END,
       ended_at = CASE WHEN $2 IN ('suspended', 'deactivated', 'compromised') THEN $3
                       WHEN $2 = 'active' THEN NULL ELSE ended_at END,
       cleared_at = CASE WHEN $2 = 'active' THEN NULL ELSE cleared_at END,
       destroyed_at = CASE WHEN $2 = 'destroyed' THEN $3::timestamptz END,
       wrapped = CASE WHEN $2 = 'destroyed' THEN NULL ELSE wrapped END
     WHERE id = $1`,
    [id, to, act.at],
  );
  await noteKey(sql, id, to, act);
}

async function noteKey(sql: Sql, id: string, state: KeyState, act: KeyAct): Promise<void> {
  const { at, by, approvedBy, reason, untold } = act;
  await sql.execute(
    `INSERT INTO trust.data_key_event (key_id, state, at, by_kind, by_id, approved_by, reason, told)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, state, at, by.kind, by.id, approvedBy ?? null, reason, untold !== true],
  );
  await sql.query("SELECT pg_notify($1, $2)", [KEYS_CHANGED_CHANNEL, id]);
}

/** The same key, sealed under another key of the node. */
export async function replaceWrapped(
  sql: Sql,
  { id, kind }: Pick<DataKeyRow, "id" | "kind">,
  wrapped: Uint8Array,
): Promise<void> {
  await sql.execute(`UPDATE ${TABLES[kind]} SET wrapped = $2 WHERE id = $1 AND wrapped IS NOT NULL`, [
    id,
    Buffer.from(wrapped),
  ]);
}

/** Nothing is sealed with them any more, or found by them. */
export async function noteClearedAt(sql: Sql, kind: DataKeyKind, ids: readonly string[], at: string): Promise<void> {
  await sql.execute(`UPDATE ${TABLES[kind]} SET cleared_at = $2 WHERE id = ANY ($1)`, [ids, at]);
}

/** What the ledger has not been told, and is told in this transaction. */
export function takeUntold(
  sql: Sql,
): Promise<
  readonly { readonly key: string; readonly state: KeyState; readonly at: string; readonly reason: string }[]
> {
  return sql.query(
    "UPDATE trust.data_key_event SET told = true WHERE NOT told RETURNING key_id AS key, state, at, reason",
  );
}

/** What happened to a key, the newest first. */
export function keyEvents(sql: Sql, id: string): Promise<readonly KeyEventRow[]> {
  return sql.query<KeyEventRow>(
    `SELECT state, at, by_kind AS "byKind", by_id AS "byId", approved_by AS "approvedBy", reason
     FROM trust.data_key_event WHERE key_id = $1 ORDER BY id DESC LIMIT $2`,
    [id, EVENTS_MAX],
  );
}

/** Of one key: its states are few. */
export const EVENTS_MAX = 50;

export interface KeyEventRow {
  readonly state: KeyState;
  readonly at: string;
  readonly byKind: string;
  readonly byId: string;
  readonly approvedBy: string | null;
  readonly reason: string;
}

/** What one official wants to be done, and what another said to it. */
export interface KeyProposalRow {
  readonly number: number;
  readonly key: string;
  readonly state: "compromised" | "destroyed";
  readonly erases: boolean;
  readonly reason: string;
  readonly proposedBy: string;
  readonly proposedPost: string;
  readonly proposedAt: string;
  readonly decision: "approved" | "rejected" | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly decisionReason: string | null;
}

const PROPOSAL = `number, key_id AS key, state, erases, reason, proposed_by AS "proposedBy", proposed_post AS "proposedPost",
  proposed_at AS "proposedAt", decision, decided_by AS "decidedBy", decided_at AS "decidedAt",
  decision_reason AS "decisionReason"`;

/** The newest first. */
export function readProposals(sql: Sql, limit: number): Promise<readonly KeyProposalRow[]> {
  return sql.query<KeyProposalRow>(`SELECT ${PROPOSAL} FROM trust.key_proposal ORDER BY number DESC LIMIT $1`, [limit]);
}

export async function readProposal(sql: Sql, number: number): Promise<KeyProposalRow | undefined> {
  const [row] = await sql.query<KeyProposalRow>(`SELECT ${PROPOSAL} FROM trust.key_proposal WHERE number = $1`, [
    number,
  ]);
  return row;
}
