import type { Sql } from "#kernel/database/sql";
import { randomBytes } from "#kernel/random";
import type { Secrets } from "#kernel/system/context";
import { toBase32 } from "#lib/crypto/base32";

/** How many are made at once. */
export const RECOVERY_CODES = 10;
/** 80 bits, sixteen characters: more than can be guessed on line or, without the node's key, off line. */
const CODE_BYTES = 10;
const SHAPE = /^[A-Z2-7]{16}$/;

/** As a person typed it: in small letters, with the hyphens of the paper or without. Undefined where it has not the shape of one. */
export function readRecoveryCode(typed: string): string | undefined {
  const code = typed.normalize("NFKC").toUpperCase().replaceAll(/[\s-]/g, "");
  return SHAPE.test(code) ? code : undefined;
}

/** Makes codes in place of those before. They are given once; their digests alone are stored. */
export async function makeRecoveryCodes(
  sql: Sql,
  secrets: Secrets,
  of: { readonly account: string; readonly at: string },
): Promise<readonly string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => toBase32(randomBytes(CODE_BYTES)));
  await sql.execute("DELETE FROM identity.recovery_code WHERE account = $1", [of.account]);
  await sql.execute(
    "INSERT INTO identity.recovery_code (account, digest, made_at) SELECT $1, d, $3 FROM unnest($2::bytea[]) AS d",
    [of.account, codes.map((code) => digestsOf(secrets, of.account, code)[0]), of.at],
  );
  return codes.map((code) => code.match(/.{4}/g)?.join("-") ?? code);
}

/** Takes a code, once. */
export async function takeRecoveryCode(
  sql: Sql,
  secrets: Secrets,
  taken: { readonly account: string; readonly code: string; readonly at: string },
): Promise<"right" | "used" | "wrong"> {
  const digests = digestsOf(secrets, taken.account, taken.code);
  const [row] = await sql.query<{ first: boolean }>(
    `WITH held AS (SELECT used_at FROM identity.recovery_code WHERE account = $1 AND digest = ANY ($2::bytea[]) FOR UPDATE),
          taken AS (UPDATE identity.recovery_code SET used_at = $3 WHERE account = $1 AND digest = ANY ($2::bytea[]) AND used_at IS NULL)
     SELECT used_at IS NULL AS first FROM held`,
    [taken.account, digests, taken.at],
  );
  if (!row) return "wrong";
  return row.first ? "right" : "used";
}

export async function recoveryCodesLeft(sql: Sql, account: string): Promise<number> {
  const [row] = await sql.query<{ left: number }>(
    "SELECT count(*)::int AS left FROM identity.recovery_code WHERE account = $1 AND used_at IS NULL",
    [account],
  );
  return row?.left ?? 0;
}

/** The first is written, each is looked up. */
function digestsOf(secrets: Secrets, account: string, code: string): readonly Buffer[] {
  return secrets.digests(`recovery ${account} ${code}`).map((each) => Buffer.from(each));
}
