import type { Sql } from "#kernel/database/sql";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

/** How often one may be wrong before one must wait. */
export const FREE_FAILURES = { account: 5, address: 20 } as const;
/** The first wait; each further failure doubles it. */
export const FIRST_WAIT_MS = 30 * 1000;
/** The longest wait: whoever knows a sign-in name must not be able to keep its holder out for long. */
export const WAIT_MAX_MS = 15 * 60 * 1000;
/** Failures older than this are forgotten. */
export const MEMORY_MS = 24 * 60 * 60 * 1000;
const SWEEP_ROWS = 100;

/** What is counted: tries of one sign-in name, whether or not it exists, and tries from one address. */
export interface AttemptSubject {
  readonly kind: keyof typeof FREE_FAILURES;
  readonly digest: Uint8Array;
}

export function accountSubject(signInName: string): AttemptSubject {
  return { kind: "account", digest: sha256(utf8(`account ${signInName}`)) };
}

export function addressSubject(address: string): AttemptSubject {
  return { kind: "address", digest: sha256(utf8(`address ${address}`)) };
}

/** Tries of codes for one account. Whoever is asked for one has signed in already. */
export function codeSubject(account: string): AttemptSubject {
  return { kind: "account", digest: sha256(utf8(`code ${account}`)) };
}

/** How long the next try must wait after so many failures in a row. */
export function waitAfter(kind: AttemptSubject["kind"], failures: number): number {
  const beyond = failures - FREE_FAILURES[kind];
  return beyond < 0 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** beyond, WAIT_MAX_MS);
}

/** How many seconds remain before any of the subjects may try again; 0 when none waits. */
export async function waitSeconds(sql: Sql, subjects: readonly AttemptSubject[], at: string): Promise<number> {
  const rows = await sql.query<{ until: string }>(
    "SELECT locked_until AS until FROM identity.attempt WHERE subject = ANY ($1::bytea[]) AND locked_until > $2",
    [subjects.map(({ digest }) => digest), at],
  );
  const ends = rows.map(({ until }) => Date.parse(until));
  return ends.length === 0 ? 0 : Math.ceil((Math.max(...ends) - Date.parse(at)) / 1000);
}

/** Counts a failure, and gives how many seconds must pass until the next try. */
export async function noteFailure(sql: Sql, subject: AttemptSubject, at: string): Promise<number> {
  const forgottenBefore = new Date(Date.parse(at) - MEMORY_MS).toISOString();
  await sql.execute(
    `DELETE FROM identity.attempt WHERE subject IN (SELECT subject FROM identity.attempt
       WHERE failed_at < $1 ORDER BY failed_at LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED)`,
    [forgottenBefore],
  );
  const [row] = await sql.query<{ failures: number }>(
    `INSERT INTO identity.attempt AS a (subject, failures, failed_at, locked_until) VALUES ($1, 1, $2, $2)
     ON CONFLICT (subject) DO UPDATE SET failures = a.failures + 1, failed_at = GREATEST(a.failed_at, excluded.failed_at)
     RETURNING failures`,
    [subject.digest, at],
  );
  const waitMs = waitAfter(subject.kind, row?.failures ?? 1);
  if (waitMs === 0) return 0;
  await sql.execute(
    "UPDATE identity.attempt SET locked_until = GREATEST(locked_until, $2::timestamptz) WHERE subject = $1",
    [subject.digest, new Date(Date.parse(at) + waitMs).toISOString()],
  );
  return Math.ceil(waitMs / 1000);
}

/**
 * Forgets an account's failures after a right password, unless it must wait: of guesses made at the same time, those that end
 * after the lock fell count for nothing, right or wrong.
 */
export async function forgiveUnlessLocked(sql: Sql, subject: AttemptSubject, at: string): Promise<boolean> {
  const [row] = await sql.query<{ locked: boolean }>(
    "SELECT locked_until > $2 AS locked FROM identity.attempt WHERE subject = $1 FOR UPDATE",
    [subject.digest, at],
  );
  if (row?.locked === true) return false;
  if (row) await sql.execute("DELETE FROM identity.attempt WHERE subject = $1", [subject.digest]);
  return true;
}
