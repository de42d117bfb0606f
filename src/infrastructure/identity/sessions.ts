import type { Sql } from "#kernel/database/sql";
import { randomBytes, randomOpaqueUuid } from "#kernel/random";
import type { Assurance, ProvenAt } from "#kernel/system/act";
import { toBase64url } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";

/** 256 bits: nobody guesses one. */
export const TOKEN_BYTES = 32;
/** A session that nobody used for this long has ended. */
export const IDLE_MS = 30 * 60 * 1000;
/** A session ends after this long, used or not. */
export const ABSOLUTE_MS = 12 * 60 * 60 * 1000;
/** That a session was used is written down no more often than this. */
export const TOUCH_MS = 60 * 1000;
/** One account may be signed in at this many places; the one used least lately makes room. */
export const SESSIONS_PER_HOLDER_MAX = 100;
/** How many sessions that ran out are swept with each sign-in. */
const SWEEP_ROWS = 100;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export type HolderKind = "person" | "official";

/** Who is signed in, as stored. Times are ISO 8601 UTC. */
export interface SessionRow {
  readonly id: string;
  readonly account: string;
  readonly holderKind: HolderKind;
  readonly holder: string;
  readonly displayName: string;
  readonly assurance: Assurance;
  readonly level2At: string | null;
  readonly level3At: string | null;
  /** Authentication methods that were used (RFC 8176), in their order. */
  readonly methods: readonly string[];
  readonly post: string | null;
  readonly organization: string | null;
  /** The person for whom the holder acts. */
  readonly represented: string | null;
  readonly address: string;
  /** Kind of browser and system, as its header says: for its holder to recognize. */
  readonly agent: string;
  readonly openedAt: string;
  readonly seenAt: string;
}

const COLUMNS = `id, account, holder_kind AS "holderKind", holder, display_name AS "displayName", assurance, post, organization, represented,
  level2_at AS "level2At", level3_at AS "level3At", methods, address, agent, opened_at AS "openedAt", seen_at AS "seenAt"`;

/** Opens a session under a token made just now, never one that came with a request. Gives the token, once. */
export async function openSession(
  sql: Sql,
  session: Pick<SessionRow, "account" | "holderKind" | "holder" | "displayName" | "assurance" | "post" | "address"> &
    Partial<Pick<SessionRow, "methods" | "agent">> & {
      /** When a level above the first was proved, null where nobody knows; default now. */
      readonly levelAt?: string | null;
    },
  at: string,
): Promise<{ readonly id: string; readonly token: string }> {
  const token = toBase64url(randomBytes(TOKEN_BYTES));
  const id = randomOpaqueUuid();
  const { levelAt = at } = session;
  await sql.execute(
    `DELETE FROM identity.session WHERE id IN
       (SELECT id FROM identity.session WHERE opened_at < $1 ORDER BY opened_at LIMIT ${SWEEP_ROWS})`,
    [before(at, ABSOLUTE_MS)],
  );
  await sql.execute(
    `DELETE FROM identity.session WHERE id IN
       (SELECT id FROM identity.session WHERE holder = $1 ORDER BY seen_at DESC OFFSET ${SESSIONS_PER_HOLDER_MAX - 1})`,
    [session.holder],
  );
  await sql.execute(
    `INSERT INTO identity.session
       (id, token_digest, account, holder_kind, holder, display_name, assurance, post, address, opened_at, seen_at,
        level2_at, level3_at, methods, agent)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12, $13, $14)`,
    [
      id,
      tokenDigest(token),
      session.account,
      session.holderKind,
      session.holder,
      session.displayName,
      session.assurance,
      session.post,
      session.address,
      at,
      session.assurance === 2 ? levelAt : null,
      session.assurance === 3 ? levelAt : null,
      session.methods ?? ["pwd"],
      session.agent ?? "",
    ],
  );
  return { id, token };
}

/** The session of a token, by one look into one index; undefined when it is forged, ended or run out. */
export async function sessionOfToken(sql: Sql, token: string, at: string): Promise<SessionRow | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const [row] = await sql.query<SessionRow>(
    `SELECT ${COLUMNS} FROM identity.session WHERE token_digest = $1 AND opened_at > $2 AND seen_at > $3`,
    [tokenDigest(token), before(at, ABSOLUTE_MS), before(at, IDLE_MS)],
  );
  return row;
}

/** Notes that a session was used, when that was not noted lately. */
export async function touchSession(sql: Sql, session: SessionRow, at: string): Promise<void> {
  if (Date.parse(at) - Date.parse(session.seenAt) < TOUCH_MS) return;
  await sql.execute("UPDATE identity.session SET seen_at = $2 WHERE id = $1 AND seen_at < $2", [session.id, at]);
}

/** A session that still runs. */
export async function findSession(sql: Sql, id: string, at: string): Promise<SessionRow | undefined> {
  const [row] = await sql.query<SessionRow>(
    `SELECT ${COLUMNS} FROM identity.session WHERE id = $1 AND opened_at > $2 AND seen_at > $3`,
    [id, before(at, ABSOLUTE_MS), before(at, IDLE_MS)],
  );
  return row;
}

/** The sessions of one holder that still run, the one used last first. */
export async function sessionsOf(sql: Sql, holder: string, at: string): Promise<readonly SessionRow[]> {
  return await sql.query<SessionRow>(
    `SELECT ${COLUMNS} FROM identity.session WHERE holder = $1 AND opened_at > $2 AND seen_at > $3
      ORDER BY seen_at DESC, id LIMIT ${SESSIONS_PER_HOLDER_MAX}`,
    [holder, before(at, ABSOLUTE_MS), before(at, IDLE_MS)],
  );
}

export async function endSession(sql: Sql, id: string): Promise<void> {
  await sql.execute("DELETE FROM identity.session WHERE id = $1", [id]);
}

/** Ends all sessions of an account and what was begun of one, all but one where `except` is given. Returns how many. */
export async function endSessionsOfAccount(sql: Sql, account: string, except?: string): Promise<number> {
  await sql.execute("DELETE FROM identity.awaited_code WHERE account = $1", [account]);
  return await sql.execute("DELETE FROM identity.session WHERE account = $1 AND id IS DISTINCT FROM $2::uuid", [
    account,
    except ?? null,
  ]);
}

/**
 * Notes that a level was proved now, under a new token: the one before, which may have been seen while less was at stake, is worth
 * nothing more (OWASP ASVS 5.0 7.2.4). Gives the new token, once; undefined where the session has ended.
 */
export async function raiseSession(
  sql: Sql,
  proved: { readonly session: string; readonly level: 2 | 3; readonly methods: readonly string[]; readonly at: string },
): Promise<string | undefined> {
  const token = toBase64url(randomBytes(TOKEN_BYTES));
  const raised = await sql.execute(
    `UPDATE identity.session SET token_digest = $2, assurance = GREATEST(assurance, $3), level${proved.level}_at = $4, seen_at = $4,
       methods = methods || (SELECT COALESCE(array_agg(m), '{}') FROM unnest($5::text[]) AS m WHERE NOT m = ANY (methods))
      WHERE id = $1`,
    [proved.session, tokenDigest(token), proved.level, proved.at, [...proved.methods]],
  );
  return raised === 1 ? token : undefined;
}

/** When each level was last proved in a session. */
export function provenAtOf({ openedAt, level2At, level3At }: SessionRow): ProvenAt {
  return { 1: openedAt, ...(level2At !== null && { 2: level2At }), ...(level3At !== null && { 3: level3At }) };
}

/** For whom the holder acts from now on: an organization, another person, or himself. */
export async function setRepresented(
  sql: Sql,
  id: string,
  represented: { readonly organization?: string | undefined; readonly person?: string | undefined },
): Promise<void> {
  await sql.execute("UPDATE identity.session SET organization = $2, represented = $3 WHERE id = $1", [
    id,
    represented.organization ?? null,
    represented.person ?? null,
  ]);
}

/** In which post the holder acts from now on. */
export async function setPost(sql: Sql, id: string, post: string): Promise<void> {
  await sql.execute("UPDATE identity.session SET post = $2 WHERE id = $1", [id, post]);
}

function tokenDigest(token: string): Uint8Array {
  return sha256(utf8(token));
}

function before(at: string, durationMs: number): string {
  return new Date(Date.parse(at) - durationMs).toISOString();
}
