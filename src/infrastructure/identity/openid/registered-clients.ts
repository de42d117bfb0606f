import type { Adapter, AdapterPayload } from "oidc-provider";
import type { Sql } from "#kernel/database/sql";
import { isUuid } from "#lib/crypto/uuid";
import { type ClientRow, clientRow } from "./client-rows.ts";

/** Members of a client's metadata that are ours. */
export const OWN_METADATA = ["zt_sector", "zt_secret_digest", "zt_purpose", "zt_legal_basis", "zt_claims"] as const;

/** The registered clients as the protocol library reads them, asked anew at each request: a suspension takes effect at once. */
export class RegisteredClients implements Adapter {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const row = isUuid(id) ? await clientRow(this.#sql, id) : undefined;
    return row?.status === "active" ? metadataOf(row) : undefined;
  }

  /** Whether an address is where an active system, registered here, wants to be told of sign-outs. */
  async isTold(url: string): Promise<boolean> {
    const rows = await this.#sql.query(
      "SELECT 1 FROM identity.openid_client WHERE backchannel_logout_uri = $1 AND status = 'active' LIMIT 1",
      [url],
    );
    return rows.length > 0;
  }

  /** Clients come from the workbench alone. */
  upsert(): Promise<never> {
    return Promise.reject(new TypeError("clients are registered in the workbench"));
  }
  findByUid(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  consume(): Promise<void> {
    return Promise.resolve();
  }
  destroy(): Promise<void> {
    return Promise.resolve();
  }
  revokeByGrantId(): Promise<void> {
    return Promise.resolve();
  }
}

function metadataOf(row: ClientRow): AdapterPayload {
  const digest = row.secretDigest === null ? undefined : Buffer.from(row.secretDigest).toString("base64url");
  return {
    client_id: row.id,
    client_name: row.nameZh,
    application_type: "web",
    redirect_uris: row.redirectUris,
    post_logout_redirect_uris: row.postLogoutRedirectUris,
    grant_types: ["authorization_code"],
    response_types: ["code"],
    response_modes: ["query"],
    scope: ["openid", ...row.claims.map(({ scope }) => scope)].join(" "),
    subject_type: "pairwise",
    token_endpoint_auth_method: row.authMethod,
    ...(row.authMethod === "private_key_jwt" && { token_endpoint_auth_signing_alg: "ES256" as const }),
    ...(row.jwks && { jwks: row.jwks as never }),
    // The library asks for a secret where one is used; whether it is right is judged by its digest alone.
    ...(row.authMethod === "client_secret_basic" && { client_secret: digest ?? "none" }),
    ...(row.backchannelLogoutUri !== null && {
      backchannel_logout_uri: row.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    dpop_bound_access_tokens: row.dpop,
    zt_sector: row.sector,
    zt_secret_digest: digest,
    zt_purpose: row.purposeZh,
    zt_legal_basis: row.legalBasis,
    zt_claims: row.claims,
  } as AdapterPayload;
}
