import type { Citation } from "#kernel/contract/citation";
import type { Sql } from "#kernel/database/sql";
import { assert } from "#kernel/errors/fault";
import type { Vault } from "#kernel/vault/vault";
import type { RecipientSecret } from "#lib/crypto/recipient";
import type { Description } from "../description.ts";
import { RETRY_FIRST_SECONDS, RETRY_LONGEST_SECONDS } from "../limits.ts";

export type CopyState = "waiting" | "filling" | "current" | "stopped" | "ended";

/** A copy as its row says. */
export interface Copy {
  readonly id: number;
  readonly register: string;
  readonly node: string;
  readonly division: string;
  readonly attributes: readonly string[];
  readonly basis: readonly Citation[];
  /** The grant of the source's catalogue on which it rests; undefined: a law, and what both sides agreed on. */
  readonly grant: number | undefined;
  /** Why what it holds may not be used: the code of what the source said last. */
  readonly barred: string | undefined;
  readonly state: CopyState;
  readonly seed: Buffer;
  readonly description: Description | undefined;
  /** Everything of the source up to here is in it. */
  readonly position: number | undefined;
  readonly pageEnd: { readonly place: number; readonly key: string } | undefined;
  /** While it is filled, behind the last page: from here on it is whole. */
  readonly target: number | undefined;
  readonly suspect: boolean;
  readonly checkDue: boolean;
  readonly reconciledAt: string | undefined;
}

interface CopyRow {
  readonly id: number;
  readonly register: string;
  readonly node: string;
  readonly division: string;
  readonly attributes: readonly string[];
  readonly basis: readonly Citation[];
  readonly grant_number: number | null;
  readonly barred: string | null;
  readonly state: CopyState;
  readonly seed: Buffer;
  readonly description: Description | null;
  readonly position: number | null;
  readonly page_place: number | null;
  readonly page_key: string | null;
  readonly target: number | null;
  readonly suspect: boolean;
  readonly check_due: boolean;
  readonly reconciled_at: string | null;
}

const COLUMNS = `id, register, node, division, attributes, basis, grant_number, barred, state, seed, description, position, page_place, page_key, target,
  suspect, check_due, reconciled_at`;

export async function readCopy(sql: Sql, id: number, lock = false): Promise<Copy | undefined> {
  const [row] = await sql.query<CopyRow>(
    `SELECT ${COLUMNS} FROM datasets.copy WHERE id = $1 AND state <> 'ended' ${lock ? "FOR UPDATE" : ""}`,
    [id],
  );
  return row && copyOf(row);
}

/**
 * Copies that somebody has to look after, those first that were heard of longest ago; not those that are left alone for a while.
 * @param now ISO 8601 UTC
 */
export async function copiesInUse(sql: Sql, now: string): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>(
    `SELECT id FROM datasets.copy WHERE state IN ('waiting', 'filling', 'current') AND (retry_at IS NULL OR retry_at <= $1)
      ORDER BY heard_at NULLS FIRST, id`,
    [now],
  );
  return rows.map(({ id }) => id);
}

/** Remembers whether what a copy holds may be used, as the source said last; where nobody could be asked, it stays as it was. */
export async function bar(sql: Sql, id: number, code: string | undefined): Promise<void> {
  await sql.execute("UPDATE datasets.copy SET barred = $2 WHERE id = $1 AND barred IS DISTINCT FROM $2", [
    id,
    code ?? null,
  ]);
}

/** Leaves a copy alone for a while after a failure. */
export async function leaveAlone(sql: Sql, id: number, now: string): Promise<void> {
  await sql.execute(
    `UPDATE datasets.copy SET failures = least(failures + 1, 30),
       retry_at = $2::timestamptz + least($3 * 2 ^ failures, $4) * interval '1 second' WHERE id = $1`,
    [id, now, RETRY_FIRST_SECONDS, RETRY_LONGEST_SECONDS],
  );
}

export async function clearFailures(sql: Sql, id: number): Promise<void> {
  await sql.execute("UPDATE datasets.copy SET failures = 0, retry_at = NULL WHERE id = $1 AND failures <> 0", [id]);
}

function copyOf(row: CopyRow): Copy {
  const { id, register, node, division, attributes, basis, state, seed, suspect } = row;
  return {
    ...{ id, register, node, division, attributes, basis, state, seed, suspect },
    grant: row.grant_number ?? undefined,
    barred: row.barred ?? undefined,
    description: row.description ?? undefined,
    position: row.position ?? undefined,
    pageEnd:
      row.page_place === null || row.page_key === null ? undefined : { place: row.page_place, key: row.page_key },
    target: row.target ?? undefined,
    checkDue: row.check_due,
    reconciledAt: row.reconciled_at ?? undefined,
  };
}

export function descriptionOf({ description }: Copy): Description {
  assert(description !== undefined, "a copy that is filled has a description");
  return description;
}

export function positionOf({ position }: Copy): number {
  assert(position !== undefined, "a copy that is filled has a position");
  return position;
}

/** As `ctx.secrets` of this room sealed it. */
export function secretOf(
  vault: Vault,
  { seed, node, register }: Copy,
  suite: RecipientSecret["suite"],
): RecipientSecret {
  return { suite, seed: vault.open("room datasets", seed, `${node} ${register}`) };
}

/** The table that holds a copy's versions. */
export function tableOf(copy: number): string {
  return `datasets."copy_${copy}"`;
}
