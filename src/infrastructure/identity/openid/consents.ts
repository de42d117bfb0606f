import type { Sql } from "#kernel/database/sql";
import type { OpenidScope } from "./client-contract.ts";

export interface Consent {
  readonly client: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly scopes: readonly OpenidScope[];
  readonly givenAt: string;
}

const CONSENTS_MAX = 500;

/** Adds to what was agreed before: that one thing is not given this once takes nothing back. */
export async function giveConsent(
  sql: Sql,
  consent: {
    readonly holderKind: "person" | "official";
    readonly holder: string;
    readonly client: string;
    readonly scopes: readonly OpenidScope[];
    readonly at: string;
  },
): Promise<void> {
  await sql.execute(
    `INSERT INTO identity.openid_consent (holder_kind, holder, client, scopes, given_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (holder, client) DO UPDATE SET given_at = excluded.given_at, scopes =
       ARRAY(SELECT DISTINCT s FROM unnest(openid_consent.scopes || excluded.scopes) s ORDER BY s)`,
    [consent.holderKind, consent.holder, consent.client, consent.scopes, consent.at],
  );
}

/** Takes a consent back, and with it all that the system holds about the holder's sign-ins. */
export async function dropConsent(sql: Sql, holder: string, client: string): Promise<boolean> {
  const dropped = await sql.execute("DELETE FROM identity.openid_consent WHERE holder = $1 AND client = $2", [
    holder,
    client,
  ]);
  await sql.execute(
    `DELETE FROM identity.openid_artifact WHERE client = $2 AND session IN
       (SELECT id FROM identity.session WHERE holder = $1)`,
    [holder, client],
  );
  return dropped > 0;
}

export async function consentsOf(sql: Sql, holder: string): Promise<readonly Consent[]> {
  return await sql.query<Consent>(
    `SELECT c.client, o.name_zh AS "nameZh", o.name_en AS "nameEn", c.scopes, c.given_at AS "givenAt"
       FROM identity.openid_consent c JOIN identity.openid_client o ON o.id = c.client
      WHERE c.holder = $1 ORDER BY c.given_at DESC LIMIT ${CONSENTS_MAX}`,
    [holder],
  );
}
