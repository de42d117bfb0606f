import type { Database, Sql } from "#kernel/database/sql";
import type { PublicJwk } from "./jws.ts";
import type { ProblemDocument } from "./problem.ts";

export type OrderStatus = "pending" | "ready" | "processing" | "valid" | "invalid";
export type AuthorizationStatus = "pending" | "valid" | "invalid" | "deactivated";

/** Whoever began to issue for an order and did not end it within this time is taken for dead. */
export const CLAIM_LIFE_MS = 60_000;

export interface AccountRow {
  readonly id: string;
  readonly binding: string;
  readonly thumbprint: string;
  readonly jwk: PublicJwk;
  readonly contacts: readonly string[];
  readonly status: "valid" | "deactivated" | "revoked";
}

/** Times are ISO 8601, UTC. */
export interface OrderRow {
  readonly id: string;
  readonly account: string;
  readonly hosts: readonly string[];
  readonly status: OrderStatus;
  readonly expiresAt: string;
  readonly serial: string | null;
  readonly chain: string | null;
}

export interface AuthorizationRow {
  readonly id: string;
  readonly order: string;
  readonly host: string;
  readonly token: string;
  readonly status: AuthorizationStatus;
  readonly validatedAt: string | null;
  readonly problem: ProblemDocument | null;
}

const ACCOUNT = "id, binding, thumbprint, jwk, contacts, status";
const ORDER = `id, account, hosts, status, expires_at AS "expiresAt", serial, chain`;
const AUTHORIZATION = `a.id, a.acme_order AS "order", a.host, a.token, a.status, a.validated_at AS "validatedAt", a.problem`;

export async function accountById(sql: Sql, id: string): Promise<AccountRow | undefined> {
  return (await sql.query<AccountRow>(`SELECT ${ACCOUNT} FROM trust.acme_account WHERE id = $1`, [id]))[0];
}

export async function accountByThumbprint(sql: Sql, thumbprint: string): Promise<AccountRow | undefined> {
  const [row] = await sql.query<AccountRow>(`SELECT ${ACCOUNT} FROM trust.acme_account WHERE thumbprint = $1`, [
    thumbprint,
  ]);
  return row;
}

/** Makes an order with an authorization for each of its names. */
export async function insertOrder(
  database: Database,
  order: {
    readonly id: string;
    readonly account: string;
    readonly at: string;
    readonly expiresAt: string;
    readonly authorizations: readonly { readonly id: string; readonly host: string; readonly token: string }[];
  },
): Promise<void> {
  const { authorizations } = order;
  await database.transaction(async (transaction) => {
    const hosts = authorizations.map(({ host }) => host);
    await transaction.execute(
      `INSERT INTO trust.acme_order (id, account, hosts, status, made_at, expires_at)
       VALUES ($1, $2, $3, 'pending', $4, $5)`,
      [order.id, order.account, hosts, order.at, order.expiresAt],
    );
    await transaction.execute(
      `INSERT INTO trust.acme_authorization (id, acme_order, host, token, status)
       SELECT id, $1, host, token, 'pending' FROM unnest($2::uuid[], $3::text[], $4::text[]) AS t (id, host, token)`,
      [order.id, authorizations.map(({ id }) => id), hosts, authorizations.map(({ token }) => token)],
    );
  });
}

/** How many orders an account made since an instant. */
export async function ordersSince(sql: Sql, account: string, since: string): Promise<number> {
  const [row] = await sql.query<{ readonly count: number }>(
    "SELECT count(*)::int AS count FROM trust.acme_order WHERE account = $1 AND made_at > $2",
    [account, since],
  );
  return row?.count ?? 0;
}

/** The account's newest orders. */
export async function orderIds(sql: Sql, account: string, limit: number): Promise<readonly string[]> {
  const rows = await sql.query<{ readonly id: string }>(
    "SELECT id FROM trust.acme_order WHERE account = $1 ORDER BY made_at DESC LIMIT $2",
    [account, limit],
  );
  return rows.map(({ id }) => id);
}

/** An account's order; those of others are not there. One that ran out is invalid, whatever it waited for. */
export async function orderOf(
  sql: Sql,
  about: { readonly id: string; readonly account: string; readonly at: string },
): Promise<OrderRow | undefined> {
  const [row] = await sql.query<OrderRow>(`SELECT ${ORDER} FROM trust.acme_order WHERE id = $1 AND account = $2`, [
    about.id,
    about.account,
  ]);
  const isOver = row && row.status !== "valid" && Date.parse(row.expiresAt) <= Date.parse(about.at);
  return isOver ? { ...row, status: "invalid" } : row;
}

export async function authorizationsOf(sql: Sql, order: string): Promise<readonly AuthorizationRow[]> {
  return await sql.query<AuthorizationRow>(
    `SELECT ${AUTHORIZATION} FROM trust.acme_authorization a WHERE a.acme_order = $1 ORDER BY a.host`,
    [order],
  );
}

/** An account's authorization; those of others are not there. */
export async function authorizationOf(
  sql: Sql,
  about: { readonly id: string; readonly account: string },
): Promise<(AuthorizationRow & { readonly expiresAt: string }) | undefined> {
  const [row] = await sql.query<AuthorizationRow & { readonly expiresAt: string }>(
    `SELECT ${AUTHORIZATION}, o.expires_at AS "expiresAt" FROM trust.acme_authorization a
     JOIN trust.acme_order o ON o.id = a.acme_order WHERE a.id = $1 AND o.account = $2`,
    [about.id, about.account],
  );
  return row;
}

/** Ends an authorization that is pending, and moves its order on: ready where all are valid, invalid where one is not. */
export async function endAuthorization(
  database: Database,
  ended: {
    readonly id: string;
    readonly order: string;
    readonly status: Exclude<AuthorizationStatus, "pending">;
    readonly at: string;
    readonly problem?: ProblemDocument;
  },
): Promise<void> {
  await database.transaction(async (transaction) => {
    // Two that end together are counted one after the other.
    await transaction.query("SELECT 1 FROM trust.acme_order WHERE id = $1 FOR UPDATE", [ended.order]);
    await transaction.execute(
      `UPDATE trust.acme_authorization SET status = $2, validated_at = $3, problem = $4
       WHERE id = $1 AND status IN ('pending', 'valid')`,
      [
        ended.id,
        ended.status,
        ended.status === "valid" ? ended.at : null,
        ended.problem ? JSON.stringify(ended.problem) : null,
      ],
    );
    await transaction.execute(
      `UPDATE trust.acme_order o SET status = CASE
         WHEN EXISTS (SELECT FROM trust.acme_authorization WHERE acme_order = o.id AND status IN ('invalid', 'deactivated'))
           THEN 'invalid'
         WHEN NOT EXISTS (SELECT FROM trust.acme_authorization WHERE acme_order = o.id AND status <> 'valid') THEN 'ready'
         ELSE 'pending' END
       WHERE id = $1 AND status IN ('pending', 'ready')`,
      [ended.order],
    );
  });
}

/** Takes an order that is ready, for whoever issues; false where somebody else has it. */
export async function claimOrder(sql: Sql, id: string, at: string): Promise<boolean> {
  const claimed = await sql.execute(
    `UPDATE trust.acme_order SET status = 'processing', claimed_at = $2
     WHERE id = $1 AND (status = 'ready' OR status = 'processing' AND claimed_at < $2::timestamptz - make_interval(secs => $3))`,
    [id, at, CLAIM_LIFE_MS / 1_000],
  );
  return claimed > 0;
}

/** Gives an order back: what was asked for could not be issued, something else may be. */
export async function releaseOrder(sql: Sql, id: string): Promise<void> {
  await sql.execute(
    "UPDATE trust.acme_order SET status = 'ready', claimed_at = NULL WHERE id = $1 AND status = 'processing'",
    [id],
  );
}

export async function fulfilOrder(
  sql: Sql,
  id: string,
  issued: { readonly serial: string; readonly chain: string },
): Promise<void> {
  await sql.execute(
    "UPDATE trust.acme_order SET status = 'valid', serial = $2, chain = $3 WHERE id = $1 AND status = 'processing'",
    [id, issued.serial, issued.chain],
  );
}

/** Whether a certificate was issued to this account. */
export async function orderedBy(sql: Sql, account: string, serial: string): Promise<boolean> {
  const rows = await sql.query("SELECT 1 FROM trust.acme_order WHERE account = $1 AND serial = $2", [account, serial]);
  return rows.length > 0;
}
