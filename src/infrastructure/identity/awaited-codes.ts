import type { Sql } from "#kernel/database/sql";
import { randomBytes } from "#kernel/random";
import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { TOKEN_BYTES } from "./sessions.ts";

/** A sign-in whose password was right waits for its code for this long. */
export const AWAITED_CODE_MS = 10 * 60 * 1000;
/** An account has this many of them at most: whoever knows a password fills no table with it. */
const PER_ACCOUNT_MAX = 10;
const TICKET = /^[A-Za-z0-9_-]{43}$/;

/** A sign-in that is half done. It gives no right but to be finished. */
export interface AwaitedCode {
  readonly account: string;
  readonly address: string;
  readonly agent: string;
}

/** Whether the holder of an account wants a code at each sign-in by password. */
export async function wantsCodeAtSignIn(sql: Sql, account: string): Promise<boolean> {
  const [row] = await sql.query<{ wanted: boolean }>(
    "SELECT code_at_sign_in AS wanted FROM identity.credential WHERE account = $1",
    [account],
  );
  return row?.wanted ?? false;
}

/** Returns false where the account has no password, so that nobody signs in by one. */
export async function setCodeAtSignIn(sql: Sql, account: string, wanted: boolean): Promise<boolean> {
  return (
    (await sql.execute("UPDATE identity.credential SET code_at_sign_in = $2 WHERE account = $1", [account, wanted])) ===
    1
  );
}

/** Notes that the password was right, and gives the ticket, once, with which the sign-in is finished. */
export async function awaitCode(sql: Sql, begun: AwaitedCode, at: string): Promise<string> {
  const ticket = toBase64url(randomBytes(TOKEN_BYTES));
  await sql.execute(
    `DELETE FROM identity.awaited_code WHERE ticket_digest IN
       (SELECT ticket_digest FROM identity.awaited_code WHERE account = $1 ORDER BY begun_at DESC OFFSET ${PER_ACCOUNT_MAX - 1})`,
    [begun.account],
  );
  await sql.execute(
    "INSERT INTO identity.awaited_code (ticket_digest, account, address, agent, begun_at) VALUES ($1, $2, $3, $4, $5)",
    [ticketDigest(ticket), begun.account, begun.address, begun.agent, at],
  );
  return ticket;
}

/** The half-done sign-in of a ticket; undefined when it is forged, finished, ended or run out. */
export async function awaitedCode(sql: Sql, ticket: string, at: string): Promise<AwaitedCode | undefined> {
  if (!TICKET.test(ticket)) return undefined;
  const [row] = await sql.query<AwaitedCode>(
    "SELECT account, address, agent FROM identity.awaited_code WHERE ticket_digest = $1 AND begun_at > $2",
    [ticketDigest(ticket), new Date(Date.parse(at) - AWAITED_CODE_MS).toISOString()],
  );
  return row;
}

/** Takes a ticket, once: of two requests with the same, one is late. */
export async function takeTicket(sql: Sql, ticket: string): Promise<boolean> {
  return (
    (await sql.execute("DELETE FROM identity.awaited_code WHERE ticket_digest = $1", [ticketDigest(ticket)])) === 1
  );
}

function ticketDigest(ticket: string): Uint8Array {
  return sha256(utf8(ticket));
}
