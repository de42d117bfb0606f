import type { Sql } from "#kernel/database/sql";
import { randomBytes } from "#kernel/random";
import { digestPassword, PASSWORD_SALT_BYTES, verifyPassword } from "#lib/crypto/password";
import {
  EMAIL_CODE_DIGITS,
  EMAIL_CODE_LIFE_MS,
  EMAIL_CODE_PAUSE_MS,
  EMAIL_CODE_TRIES_MAX,
  EMAIL_CODES_A_DAY,
} from "./email.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface CodeRow {
  readonly digest: string;
  readonly tries: number;
  readonly sent: number;
  readonly counted_from: string;
  readonly sent_at: string;
}

/** Makes a code in place of the one before; undefined where too many were asked for. */
export async function newCode(sql: Sql, holder: string, at: string): Promise<string | undefined> {
  const row = await codeRow(sql, holder);
  const passed = (since: string) => Date.parse(at) - Date.parse(since);
  const sameDay = row !== undefined && passed(row.counted_from) < DAY_MS;
  if (row && passed(row.sent_at) < EMAIL_CODE_PAUSE_MS) return undefined;
  if (sameDay && row.sent >= EMAIL_CODES_A_DAY) return undefined;
  const code = randomCode();
  await sql.execute(
    `INSERT INTO identity.email_code (holder, digest, sent, counted_from, sent_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (holder) DO UPDATE SET digest = excluded.digest, tries = 0, sent = excluded.sent,
       counted_from = excluded.counted_from, sent_at = excluded.sent_at`,
    [
      holder,
      await digestPassword(code, randomBytes(PASSWORD_SALT_BYTES)),
      sameDay ? row.sent + 1 : 1,
      sameDay ? row.counted_from : at,
      at,
    ],
  );
  return code;
}

/** Tries a code; each try counts, and after some the code is worth nothing. */
export async function tryCode(
  sql: Sql,
  tried: { readonly holder: string; readonly code: string; readonly at: string },
): Promise<"right" | "wrong" | "expired"> {
  const { holder, at } = tried;
  const row = await codeRow(sql, holder);
  const old = row === undefined || Date.parse(at) - Date.parse(row.sent_at) > EMAIL_CODE_LIFE_MS;
  if (old || row.tries >= EMAIL_CODE_TRIES_MAX) return "expired";
  if (await verifyPassword(tried.code, row.digest)) return "right";
  await sql.execute("UPDATE identity.email_code SET tries = tries + 1 WHERE holder = $1", [holder]);
  return "wrong";
}

/** The code was used: it is worth nothing more. How many were sent today still counts. */
export async function spendCode(sql: Sql, holder: string): Promise<void> {
  await sql.execute("UPDATE identity.email_code SET tries = $2 WHERE holder = $1", [holder, EMAIL_CODE_TRIES_MAX]);
}

async function codeRow(sql: Sql, holder: string): Promise<CodeRow | undefined> {
  const [row] = await sql.query<CodeRow>(
    "SELECT digest, tries, sent, counted_from, sent_at FROM identity.email_code WHERE holder = $1 FOR UPDATE",
    [holder],
  );
  return row;
}

function randomCode(): string {
  const [a = 0, b = 0, c = 0, d = 0] = randomBytes(4);
  const drawn = ((a * 256 + b) * 256 + c) * 256 + d;
  return String(drawn % 10 ** EMAIL_CODE_DIGITS).padStart(EMAIL_CODE_DIGITS, "0");
}
