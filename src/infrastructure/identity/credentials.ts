import type { Sql } from "#kernel/database/sql";
import { randomBytes } from "#kernel/random";
import { digestPassword, needsNewDigest, PASSWORD_SALT_BYTES, verifyPassword } from "#lib/crypto/password";
import { type Text, text } from "#lib/language/text";
import { isBreachedPassword } from "./breached-passwords.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./contract.ts";

/**
 * What an unknown sign-in name is measured against, so that it takes as long as a known one. No password has this digest: its
 * tag was drawn at random.
 */
const DECOY = "$argon2id$v=19$m=19456,t=2,p=1$b1JdKx0cT2mY3nQv7Wz9Lg$3mE1pXq8uYk5rTn0aVb6cWd2fGh4jLs7zQx9oPi1uRw";

/** What whoever guesses at this platform tries first. */
const PRODUCT = ["zhengtong", "政通"];

/**
 * Why a password cannot be taken, if it cannot. Length counts, not kinds of characters (NIST SP 800-63B-4 §3.1.1).
 * @param house names that everybody knows, of authorities and places: what is left without them must be long enough
 */
export async function passwordFault(
  password: string,
  signInName: string,
  house: readonly string[] = [],
): Promise<Text | undefined> {
  const length = [...password].length;
  if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX) {
    return text(
      `密码为 ${PASSWORD_LENGTH_MIN} 至 ${PASSWORD_LENGTH_MAX} 个字符。可以用一句容易记住的话。`,
      `A password has ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters. A sentence that you remember will do.`,
    );
  }
  const folded = password.normalize("NFKC").toLowerCase();
  const oneCharacter = new Set(folded).size < 3;
  const isOfTheHouse = [...withoutWords(folded, [...PRODUCT, ...house])].length < PASSWORD_LENGTH_MIN;
  if (oneCharacter || isOfTheHouse || folded.includes(signInName) || (await isBreachedPassword(folded))) {
    return text(
      "这个密码容易被猜到：它与登录名、机关名称或者已泄露的常见密码相近，或者字符重复。可以用一句话。",
      "This password is easy to guess: it is close to your sign-in name, to the name of an authority or to one that many people had, or repeats itself. A sentence will do.",
    );
  }
  return undefined;
}

function withoutWords(folded: string, words: readonly string[]): string {
  return words
    .map((word) => word.normalize("NFKC").toLowerCase())
    .reduce((left, word) => left.replaceAll(word, ""), folded);
}

/** Whether a password is the account's; takes as long when there is no such account. */
export async function isPassword(sql: Sql, account: string | undefined, password: string): Promise<boolean> {
  const digest = account === undefined ? undefined : await digestOf(sql, account);
  const right = await verifyPassword(password, digest ?? DECOY);
  return right && digest !== undefined;
}

/** Stores a password's digest in place of the one before. */
export async function setPassword(sql: Sql, account: string, password: string, at: string): Promise<void> {
  const digest = await digestPassword(password, randomBytes(PASSWORD_SALT_BYTES));
  await sql.execute(
    `INSERT INTO identity.credential (account, digest, changed_at) VALUES ($1, $2, $3)
     ON CONFLICT (account) DO UPDATE SET digest = excluded.digest, changed_at = excluded.changed_at`,
    [account, digest, at],
  );
}

/** So long a password serves that an official set: time to receive it, sign in and choose one's own (OWASP ASVS 5.0, 6.4.1). */
export const GIVEN_PASSWORD_MS = 7 * 24 * 3_600_000;

/**
 * Notes who set a password and so knows it; undefined where nobody but the holder does. What was opened before is closed. One that
 * another set ends after a week.
 */
export async function noteSetter(
  sql: Sql,
  account: string,
  { by, at }: { readonly by: string | undefined; readonly at: string },
): Promise<void> {
  const endsAt = by === undefined ? null : new Date(Date.parse(at) + GIVEN_PASSWORD_MS).toISOString();
  await sql.execute(
    "UPDATE identity.credential SET set_by = $2, ends_at = $3, opened_by = NULL, opened_at = NULL WHERE account = $1",
    [account, by ?? null, endsAt],
  );
}

/** The holder chose it: it does not end. Who set the one before is kept, and with it what he may not open. */
export async function noteChosen(sql: Sql, account: string): Promise<void> {
  await sql.execute("UPDATE identity.credential SET ends_at = NULL WHERE account = $1", [account]);
}

/** Whether a password was set by another, and its time is over. */
export async function isOver(sql: Sql, account: string, at: string): Promise<boolean> {
  const [row] = await sql.query("SELECT 1 FROM identity.credential WHERE account = $1 AND ends_at <= $2", [
    account,
    at,
  ]);
  return row !== undefined;
}

/** Within this, the holder binds the factor that was opened for him. */
export const FIRST_FACTOR_OPEN_MS = 24 * 3_600_000;

/** Whether the first second factor may be bound: not by whoever knows a password that somebody else set. */
export async function isFirstFactorOpen(sql: Sql, account: string, at: string): Promise<boolean> {
  const [row] = await sql.query<{ set_by: string | null; opened_at: string | null }>(
    "SELECT set_by, opened_at FROM identity.credential WHERE account = $1",
    [account],
  );
  if (!row || row.set_by === null) return true;
  return row.opened_at !== null && Date.parse(at) - Date.parse(row.opened_at) <= FIRST_FACTOR_OPEN_MS;
}

/** Opens it, by another than who set the password. False where that is the same one, or nobody else set it. */
export async function openFirstFactor(
  sql: Sql,
  opened: { readonly account: string; readonly by: string; readonly at: string },
): Promise<boolean> {
  const rows = await sql.execute(
    `UPDATE identity.credential SET opened_by = $2, opened_at = $3
      WHERE account = $1 AND set_by IS NOT NULL AND set_by <> $2`,
    [opened.account, opened.by, opened.at],
  );
  return rows === 1;
}

/** Whether the stored digest costs less than today's: to be stored anew while the password is at hand. */
export async function isOutdated(sql: Sql, account: string): Promise<boolean> {
  const digest = await digestOf(sql, account);
  return digest !== undefined && needsNewDigest(digest);
}

async function digestOf(sql: Sql, account: string): Promise<string | undefined> {
  const [row] = await sql.query<{ digest: string }>("SELECT digest FROM identity.credential WHERE account = $1", [
    account,
  ]);
  return row?.digest;
}
