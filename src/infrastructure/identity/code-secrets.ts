import type { Sql } from "#kernel/database/sql";
import type { Secrets } from "#kernel/system/context";
import { CODE_SECRET_BYTES, stepOfCode } from "#lib/crypto/one-time-password";

/** A secret that was shown is to be confirmed within this. */
export const PENDING_SECRET_MS = 30 * 60 * 1000;

interface Row {
  readonly sealed: Uint8Array | null;
  readonly since: string | null;
  readonly lastStep: string | null;
  readonly pending: Uint8Array | null;
  readonly pendingSince: string | null;
}

/** Where secrets are, and how they are opened. */
export interface CodePlace {
  readonly sql: Sql;
  readonly secrets: Secrets;
  readonly account: string;
}

/** Keeps a secret until a code of it is typed in; the one before counts until then. */
export async function proposeSecret(
  { sql, secrets, account }: CodePlace,
  secret: Uint8Array,
  at: string,
): Promise<void> {
  await sql.execute(
    `INSERT INTO identity.code_secret (account, pending, pending_since) VALUES ($1, $2, $3)
     ON CONFLICT (account) DO UPDATE SET pending = excluded.pending, pending_since = excluded.pending_since`,
    [account, secrets.seal(secret, account), at],
  );
}

/** The secret that waits to be confirmed. */
export async function pendingSecret({ sql, secrets, account }: CodePlace, at: string): Promise<Uint8Array | undefined> {
  const row = await rowOf(sql, account);
  if (!row?.pending || !row.pendingSince) return undefined;
  if (Date.parse(at) - Date.parse(row.pendingSince) > PENDING_SECRET_MS) return undefined;
  return secrets.open(row.pending, account);
}

/** Makes the waiting secret the one that counts; false where the code is not of it. The code that confirmed it is used by that. */
export async function confirmSecret(place: CodePlace, code: string, at: string): Promise<boolean> {
  const pending = await pendingSecret(place, at);
  const step = pending && stepOfCode(pending, code, at);
  if (step === undefined) return false;
  await place.sql.execute(
    `UPDATE identity.code_secret SET sealed = pending, since = $2, last_step = $3, pending = NULL, pending_since = NULL
      WHERE account = $1`,
    [place.account, at, step],
  );
  return true;
}

/** Sets a secret that counts from now on: of a generator that came with its secret, handed over in person. */
export async function setSecret({ sql, secrets, account }: CodePlace, secret: Uint8Array, at: string): Promise<void> {
  if (secret.length < CODE_SECRET_BYTES) throw new RangeError(`a secret has ${CODE_SECRET_BYTES} bytes or more`);
  await sql.execute(
    `INSERT INTO identity.code_secret (account, sealed, since) VALUES ($1, $2, $3)
     ON CONFLICT (account) DO UPDATE SET sealed = excluded.sealed, since = excluded.since, last_step = NULL`,
    [account, secrets.seal(secret, account), at],
  );
}

/** Takes a code, once: of two requests with the same code, one is late. `used`: it was right, and was taken before. */
export async function takeCode(
  { sql, secrets, account }: CodePlace,
  code: string,
  at: string,
): Promise<"right" | "used" | "wrong"> {
  const row = await rowOf(sql, account);
  if (!row?.sealed) return "wrong";
  const step = stepOfCode(secrets.open(row.sealed, account), code, at);
  if (step === undefined) return "wrong";
  const taken = await sql.execute(
    "UPDATE identity.code_secret SET last_step = $2 WHERE account = $1 AND (last_step IS NULL OR last_step < $2)",
    [account, step],
  );
  return taken === 1 ? "right" : "used";
}

export async function removeSecret(sql: Sql, account: string): Promise<boolean> {
  return (await sql.execute("DELETE FROM identity.code_secret WHERE account = $1", [account])) === 1;
}

/** Since when an account has a code generator, and the step of the last code taken. */
export async function codeGenerator(
  sql: Sql,
  account: string,
): Promise<{ readonly since: string; readonly lastStep: number | undefined } | undefined> {
  const row = await rowOf(sql, account);
  if (!row?.sealed || !row.since) return undefined;
  return { since: row.since, lastStep: row.lastStep === null ? undefined : Number(row.lastStep) };
}

async function rowOf(sql: Sql, account: string): Promise<Row | undefined> {
  const [row] = await sql.query<Row>(
    `SELECT sealed, since, last_step::text AS "lastStep", pending, pending_since AS "pendingSince"
       FROM identity.code_secret WHERE account = $1`,
    [account],
  );
  return row;
}
