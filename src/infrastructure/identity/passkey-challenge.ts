import type { Sql } from "#kernel/database/sql";
import { randomBytes } from "#kernel/random";
import type { Secrets } from "#kernel/system/context";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { concatBytes, equalBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

/** An authenticator asks its holder: he may look for his glasses first. */
export const CHALLENGE_LIFE_MS = 10 * 60 * 1000;
const NONCE_BYTES = 16;
const HEAD_BYTES = NONCE_BYTES + 8;

/**
 * A challenge that says itself until when it counts and for what, under a key of the node: nothing is stored for a page that somebody
 * only looks at.
 * @param use `sign-in`, or what it is for and the session that asks: it counts for nothing else
 */
export function newChallenge(secrets: Secrets, use: string, at: string): string {
  const until = Buffer.alloc(8);
  until.writeBigUInt64BE(BigInt(Date.parse(at) + CHALLENGE_LIFE_MS));
  const head = concatBytes(randomBytes(NONCE_BYTES), until);
  return toBase64url(concatBytes(head, macsOf(secrets, use, head)[0] ?? new Uint8Array(0)));
}

/** Takes a challenge: true once, for its own use, within its time. */
export async function takeChallenge(
  sql: Sql,
  secrets: Secrets,
  taken: { readonly challenge: string; readonly use: string; readonly at: string },
): Promise<boolean> {
  const bytes = taken.challenge.length > 200 ? undefined : fromBase64url(taken.challenge);
  if (bytes === undefined || bytes.length <= HEAD_BYTES) return false;
  const head = bytes.subarray(0, HEAD_BYTES);
  if (!macsOf(secrets, taken.use, head).some((mac) => equalBytes(mac, bytes.subarray(HEAD_BYTES)))) return false;
  const until = Number(Buffer.from(head).readBigUInt64BE(NONCE_BYTES));
  if (until < Date.parse(taken.at)) return false;
  const fresh = await sql.execute(
    "INSERT INTO identity.used_challenge (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    [sha256(utf8(taken.challenge)), new Date(until).toISOString()],
  );
  return fresh === 1;
}

/** The first is made, each counts. */
function macsOf(secrets: Secrets, use: string, head: Uint8Array): readonly Uint8Array[] {
  return secrets.digests(`passkey challenge ${use} ${toBase64url(head)}`);
}
