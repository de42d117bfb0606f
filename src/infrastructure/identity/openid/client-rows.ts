import type { Sql } from "#kernel/database/sql";
import { CLIENTS_MAX, type OpenidScope } from "./client-contract.ts";

/** What a system is given, what for, and by which law. */
export interface ClientClaim {
  readonly scope: OpenidScope;
  readonly purposeZh: string;
  readonly purposeEn: string;
  /** `个人信息保护法 第十三条`; none: whom it is about agrees. */
  readonly legalBasis: readonly string[];
}

/** Whether whom a claim is about chooses that it is given. */
export function isByConsent({ legalBasis }: ClientClaim): boolean {
  return legalBasis.length === 0;
}

/** A registered system, as stored. Times are ISO 8601 UTC. */
export interface ClientRow {
  readonly id: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly authority: string;
  readonly purposeZh: string;
  readonly purposeEn: string;
  /** By which law it signs people in at all. */
  readonly legalBasis: readonly string[];
  readonly audience: "person" | "official" | "both";
  readonly claims: readonly ClientClaim[];
  readonly sector: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly backchannelLogoutUri: string | null;
  readonly authMethod: "client_secret_basic" | "private_key_jwt";
  readonly secretDigest: Uint8Array | null;
  readonly jwks: { readonly keys: readonly object[] } | null;
  readonly assurance: 1 | 2 | 3;
  readonly dpop: boolean;
  readonly status: "active" | "suspended";
  readonly registeredBy: string;
  readonly registeredAt: string;
}

const COLUMNS = `id, name_zh AS "nameZh", name_en AS "nameEn", authority, purpose_zh AS "purposeZh", purpose_en AS "purposeEn",
  legal_basis AS "legalBasis", audience, sector, redirect_uris AS "redirectUris",
  post_logout_redirect_uris AS "postLogoutRedirectUris", backchannel_logout_uri AS "backchannelLogoutUri", auth_method AS "authMethod",
  secret_digest AS "secretDigest", jwks, assurance, dpop, status, registered_by AS "registeredBy", registered_at AS "registeredAt",
  (SELECT coalesce(json_agg(json_build_object('scope', scope, 'purposeZh', c.purpose_zh, 'purposeEn', c.purpose_en,
     'legalBasis', c.legal_basis) ORDER BY scope), '[]') FROM identity.openid_client_claim c WHERE c.client = openid_client.id) AS claims`;

export async function insertClient(sql: Sql, row: ClientRow): Promise<void> {
  await sql.execute(
    `INSERT INTO identity.openid_client (id, name_zh, name_en, authority, purpose_zh, purpose_en, legal_basis, audience,
       sector, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, auth_method, secret_digest, jwks, assurance, dpop, status,
       registered_by, registered_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)`,
    [
      row.id,
      row.nameZh,
      row.nameEn,
      row.authority,
      row.purposeZh,
      row.purposeEn,
      row.legalBasis,
      row.audience,
      row.sector,
      row.redirectUris,
      row.postLogoutRedirectUris,
      row.backchannelLogoutUri,
      row.authMethod,
      row.secretDigest,
      row.jwks === null ? null : JSON.stringify(row.jwks),
      row.assurance,
      row.dpop,
      row.status,
      row.registeredBy,
      row.registeredAt,
    ],
  );
  for (const { scope, purposeZh, purposeEn, legalBasis } of row.claims) {
    await sql.execute(
      `INSERT INTO identity.openid_client_claim (client, scope, purpose_zh, purpose_en, legal_basis) VALUES ($1, $2, $3, $4, $5)`,
      [row.id, scope, purposeZh, purposeEn, legalBasis],
    );
  }
}

/** A registered system, suspended or not. */
export async function clientRow(sql: Sql, id: string): Promise<ClientRow | undefined> {
  const [row] = await sql.query<ClientRow>(`SELECT ${COLUMNS} FROM identity.openid_client WHERE id = $1`, [id]);
  return row;
}

/** The registered systems, the newest first. */
export async function clientRows(sql: Sql): Promise<readonly ClientRow[]> {
  return await sql.query<ClientRow>(
    `SELECT ${COLUMNS} FROM identity.openid_client ORDER BY registered_at DESC, id LIMIT ${CLIENTS_MAX}`,
  );
}

/** Stores the digest of a new secret; the one before is worth nothing from now on. */
export async function setSecret(sql: Sql, id: string, digest: Uint8Array, at: string): Promise<void> {
  await sql.execute("UPDATE identity.openid_client SET secret_digest = $2, changed_at = $3 WHERE id = $1", [
    id,
    digest,
    at,
  ]);
}

/** Suspends or resumes a system; false where there is none. A suspended one loses what it holds at once. */
export async function setStatus(
  sql: Sql,
  id: string,
  { status, at }: { readonly status: ClientRow["status"]; readonly at: string },
): Promise<boolean> {
  const changed = await sql.execute("UPDATE identity.openid_client SET status = $2, changed_at = $3 WHERE id = $1", [
    id,
    status,
    at,
  ]);
  if (changed > 0 && status === "suspended") {
    await sql.execute("DELETE FROM identity.openid_artifact WHERE client = $1", [id]);
  }
  return changed > 0;
}
