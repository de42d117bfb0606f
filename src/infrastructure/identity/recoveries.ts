import type { Sql } from "#kernel/database/sql";

/** Between the second check and the new codes: whoever still has his factors hears of it and stops it. */
export const RECOVERY_DELAY_MS = 24 * 60 * 60 * 1000;
/** What was asked for and not done within this is over. */
export const RECOVERY_LIFE_MS = 14 * 24 * 60 * 60 * 1000;

export interface Recovery {
  readonly document: string;
  readonly askedBy: string;
  readonly askedAt: string;
  readonly checkedBy: string | null;
  readonly checkedAt: string | null;
}

/** What is under way for an account; undefined where nothing is, or it is over. */
export async function recoveryOf(sql: Sql, account: string, at: string): Promise<Recovery | undefined> {
  const [row] = await sql.query<Recovery>(
    `SELECT document, asked_by AS "askedBy", asked_at AS "askedAt", checked_by AS "checkedBy", checked_at AS "checkedAt"
       FROM identity.recovery WHERE account = $1 AND asked_at > $2`,
    [account, new Date(Date.parse(at) - RECOVERY_LIFE_MS).toISOString()],
  );
  return row;
}

/** From when on it may be done; undefined while nobody checked it a second time. */
export function openFrom({ checkedAt }: Recovery): string | undefined {
  return checkedAt === null ? undefined : new Date(Date.parse(checkedAt) + RECOVERY_DELAY_MS).toISOString();
}

/** In place of what was asked before, if that is over. */
export async function askRecovery(
  sql: Sql,
  asked: { readonly account: string; readonly document: string; readonly by: string; readonly at: string },
): Promise<void> {
  await sql.execute(
    `INSERT INTO identity.recovery (account, document, asked_by, asked_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account) DO UPDATE SET document = excluded.document, asked_by = excluded.asked_by,
       asked_at = excluded.asked_at, checked_by = NULL, checked_at = NULL`,
    [asked.account, asked.document, asked.by, asked.at],
  );
}

/** True where someone else than who asked checked it, the first time. */
export async function checkRecovery(
  sql: Sql,
  checked: { readonly account: string; readonly by: string; readonly at: string },
): Promise<boolean> {
  const rows = await sql.execute(
    `UPDATE identity.recovery SET checked_by = $2, checked_at = $3
      WHERE account = $1 AND checked_by IS NULL AND asked_by <> $2`,
    [checked.account, checked.by, checked.at],
  );
  return rows === 1;
}

/** It is over: done, or stopped. True where there was one. */
export async function endRecovery(sql: Sql, account: string): Promise<boolean> {
  return (await sql.execute("DELETE FROM identity.recovery WHERE account = $1", [account])) === 1;
}
