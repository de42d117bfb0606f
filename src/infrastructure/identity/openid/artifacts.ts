import type { Adapter, AdapterPayload, errors } from "oidc-provider";
import type { Database, Sql } from "#kernel/database/sql";
import type { Vault } from "#kernel/vault/vault";
import { utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { isUuid } from "#lib/crypto/uuid";
import { identityNamed } from "./acting-identity.ts";

const LABEL = "identity.openid";
/** Models whose rows go with their grant, as the protocol library counts them. */
const OF_A_GRANT: ReadonlySet<string> = new Set(["AccessToken", "AuthorizationCode"]);

/** A browser has one session of the protocol; each sign-in to a system may renew it. */
const OF_SESSION_MAX = 20;

interface Kept {
  readonly sealed: Uint8Array;
  readonly consumedAt: string | null;
}

/**
 * Where codes, tokens, pushed requests, grants, interactions and sessions of the protocol are kept. A row is found by the SHA-256 of
 * the value that its bearer has, and what it says is sealed: whoever reads the table can use none of them.
 */
export class Artifacts implements Adapter {
  readonly #sql: Database;
  readonly #vault: Vault;
  readonly #model: string;

  constructor(model: string, { database, vault }: { readonly database: Database; readonly vault: Vault }) {
    this.#model = model;
    this.#sql = database;
    this.#vault = vault;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const digest = digestOf(id);
    const { consumed: _, ...kept } = payload;
    const sealed = this.#vault.seal(LABEL, utf8(JSON.stringify(kept)), this.#place(digest));
    // What may be used once is told apart from what is written again: its second use must fail, also at the same moment.
    const again =
      this.#model === "ReplayDetection"
        ? "DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at WHERE a.expires_at < now()"
        : "DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at, uid_digest = excluded.uid_digest, session = excluded.session";
    const written = await this.#sql.execute(
      `INSERT INTO identity.openid_artifact AS a (model, digest, uid_digest, grant_digest, session, client, sealed, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8)) ON CONFLICT (model, digest) ${again}`,
      [
        this.#model,
        digest,
        payload.uid === undefined ? null : digestOf(payload.uid),
        payload.grantId === undefined || !OF_A_GRANT.has(this.#model) ? null : digestOf(payload.grantId),
        identityNamed(payload.accountId ?? "")?.session ?? null,
        payload.clientId !== undefined && isUuid(payload.clientId) ? payload.clientId : null,
        sealed,
        expiresIn,
      ],
    );
    if (written === 0) throw new (await protocolErrors()).InvalidRequest("a proof was used before");
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const digest = digestOf(id);
    const [row] = await this.#sql.query<Kept>(
      `SELECT sealed, consumed_at AS "consumedAt" FROM identity.openid_artifact
        WHERE model = $1 AND digest = $2 AND (expires_at > now() OR $3)`,
      // A grant's end is told from its absence.
      [this.#model, digest, this.#model === "Grant"],
    );
    return row && this.#open(row, digest);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const [row] = await this.#sql.query<Kept & { readonly digest: Uint8Array }>(
      `SELECT sealed, digest, consumed_at AS "consumedAt" FROM identity.openid_artifact
        WHERE model = $1 AND uid_digest = $2 AND expires_at > now() ORDER BY expires_at DESC LIMIT 1`,
      [this.#model, digestOf(uid)],
    );
    return row && this.#open(row, row.digest);
  }

  /** Those of a session of the node. */
  async ofSession(session: string): Promise<readonly AdapterPayload[]> {
    const rows = await this.#sql.query<Kept & { readonly digest: Uint8Array }>(
      `SELECT sealed, digest, consumed_at AS "consumedAt" FROM identity.openid_artifact
        WHERE model = $1 AND session = $2 AND expires_at > now() LIMIT ${OF_SESSION_MAX}`,
      [this.#model, session],
    );
    return rows.map((row) => this.#open(row, row.digest));
  }

  /** The device flow is not offered. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Marks it used, once: of two that use it at the same moment, the second is refused and takes the grant with it (RFC 9700 §4.2.4). */
  async consume(id: string): Promise<void> {
    const digest = digestOf(id);
    const used = await this.#sql.execute(
      "UPDATE identity.openid_artifact SET consumed_at = now() WHERE model = $1 AND digest = $2 AND consumed_at IS NULL",
      [this.#model, digest],
    );
    if (used > 0) return;
    await this.#sql.execute(
      `DELETE FROM identity.openid_artifact WHERE grant_digest =
         (SELECT grant_digest FROM identity.openid_artifact WHERE model = $1 AND digest = $2)`,
      [this.#model, digest],
    );
    throw new (await protocolErrors()).InvalidGrant("it was used before");
  }

  async destroy(id: string): Promise<void> {
    await this.#sql.execute("DELETE FROM identity.openid_artifact WHERE model = $1 AND digest = $2", [
      this.#model,
      digestOf(id),
    ]);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#sql.execute("DELETE FROM identity.openid_artifact WHERE model = $1 AND grant_digest = $2", [
      this.#model,
      digestOf(grantId),
    ]);
  }

  #open(row: Kept, digest: Uint8Array): AdapterPayload {
    const plain = this.#vault.open(LABEL, row.sealed, this.#place(digest));
    const payload = JSON.parse(Buffer.from(plain).toString("utf8")) as AdapterPayload;
    return row.consumedAt === null ? payload : { ...payload, consumed: Math.floor(Date.parse(row.consumedAt) / 1000) };
  }

  #place(digest: Uint8Array): string {
    return `${this.#model} ${Buffer.from(digest).toString("hex")}`;
  }
}

/** Whoever ends what a session gave needs no protocol library. */
async function protocolErrors(): Promise<typeof errors> {
  return (await import("oidc-provider")).errors;
}

/** Ends what a session of the node gave to systems: codes, tokens and grants. */
export async function endArtifactsOf(sql: Sql, session: string): Promise<void> {
  await sql.execute("DELETE FROM identity.openid_artifact WHERE session = $1", [session]);
}

function digestOf(value: string): Uint8Array {
  return sha256(utf8(value));
}
