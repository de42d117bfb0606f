import type { Policies } from "#kernel/access/policy-terms";
import type { Sql } from "#kernel/database/sql";
import type { Text } from "#lib/language/text";

/** `authority`: for its own posts. `superior`: for the posts of all authorities below, forbids alone. */
export type Level = "authority" | "superior";

/** What a change brings. */
export type Content =
  /** `json`: as Cedar's own parser read the source, so that a node starts without it. */
  | { readonly kind: "policy"; readonly source: string; readonly json: Policies[string] }
  | {
      readonly kind: "separation";
      readonly words: Text;
      readonly one: readonly string[];
      readonly other: readonly string[];
    }
  /** Nothing: it only ends another. */
  | { readonly kind: "end" };

/** One change of who may do what. Instants are ISO 8601 UTC. */
export interface Change {
  readonly number: number;
  readonly level: Level;
  readonly authority: string;
  readonly content: Content;
  readonly digest: string;
  readonly ends: number | undefined;
  readonly reason: string;
  readonly effectiveAt: string | undefined;
  readonly proposedBy: string;
  readonly proposedPost: string;
  readonly proposedAt: string;
  readonly decision: "approved" | "rejected" | undefined;
  readonly decidedBy: string | undefined;
  readonly decidedAt: string | undefined;
  readonly decisionReason: string | undefined;
  readonly inForceFrom: string | undefined;
  readonly withdrawnBy: string | undefined;
  readonly withdrawnAt: string | undefined;
  readonly withdrawalReason: string | undefined;
}

/** Changes that one node keeps; each is small, and what is in force is found among all of them. */
export const CHANGES_MAX = 10_000;

const COLUMNS = `number, level, authority, content, digest, ends, reason, effective_at AS "effectiveAt",
  proposed_by AS "proposedBy", proposed_post AS "proposedPost", proposed_at AS "proposedAt",
  decision, decided_by AS "decidedBy", decided_at AS "decidedAt", decision_reason AS "decisionReason",
  in_force_from AS "inForceFrom", withdrawn_by AS "withdrawnBy", withdrawn_at AS "withdrawnAt",
  withdrawal_reason AS "withdrawalReason"`;

type Row = { readonly [K in keyof Change]: Change[K] | null };

function toChange(row: Row): Change {
  // A column without a value is absent.
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value ?? undefined]),
  ) as unknown as Change;
}

/** All that were approved and not withdrawn, in order. */
export async function approvedChanges(sql: Sql): Promise<readonly Change[]> {
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM security.change WHERE decision = 'approved' AND withdrawn_at IS NULL ORDER BY number LIMIT $1`,
    [CHANGES_MAX],
  );
  return rows.map(toChange);
}

export async function changeByNumber(sql: Sql, number: number): Promise<Change | undefined> {
  const [row] = await sql.query<Row>(`SELECT ${COLUMNS} FROM security.change WHERE number = $1`, [number]);
  return row && toChange(row);
}

/** The newest first, before a number. */
export async function changesBefore(
  sql: Sql,
  page: {
    readonly before: number;
    readonly limit: number;
    readonly authority: string | undefined;
    /** Which of them the reader may see. */
    readonly shown: (bind: (value: unknown) => string) => string;
  },
): Promise<readonly Change[]> {
  const values: unknown[] = [page.before, page.limit, page.authority ?? null];
  const rows = await sql.query<Row>(
    `SELECT ${COLUMNS} FROM security.change
     WHERE number < $1 AND ($3::uuid IS NULL OR authority = $3) AND ${page.shown((value) => `$${values.push(value)}`)}
     ORDER BY number DESC LIMIT $2`,
    values,
  );
  return rows.map(toChange);
}

/** Those that are in force at an instant, of those that were approved. */
export function inForceAt(changes: readonly Change[], atMs: number): readonly Change[] {
  const begun = changes.filter(
    ({ inForceFrom, withdrawnAt }) =>
      inForceFrom !== undefined && withdrawnAt === undefined && Date.parse(inForceFrom) <= atMs,
  );
  const ended = new Set(begun.map(({ ends }) => ends));
  return begun.filter(({ number, content }) => content.kind !== "end" && !ended.has(number));
}

/** How decisions and the ledger name a policy: `authority.7`, `superior.12`. The number is that of the change that brought it. */
export function policyId({ level, number }: Pick<Change, "level" | "number">): string {
  return `${level}.${number}`;
}
