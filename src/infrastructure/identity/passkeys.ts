import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { z } from "zod";
import type { Sql } from "#kernel/database/sql";
import { randomOpaqueUuid } from "#kernel/random";
import type { Secrets } from "#kernel/system/context";
import { takeChallenge } from "./passkey-challenge.ts";
import { passkeySite } from "./passkey-site.ts";

/** COSE: Ed25519, ECDSA P-256, RSA with SHA-256. */
export const PASSKEY_ALGORITHMS = [-8, -7, -257] as const;
export const PASSKEYS_MAX = 20;

export interface Passkey {
  readonly id: string;
  readonly account: string;
  readonly credentialId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly multiDevice: boolean;
  readonly backedUp: boolean;
  readonly name: string;
  readonly madeAt: string;
  readonly usedAt: string | null;
}

const COLUMNS = `id, account, credential_id AS "credentialId", public_key AS "publicKey", counter::float8 AS counter,
  multi_device AS "multiDevice", backed_up AS "backedUp", name, made_at AS "madeAt", used_at AS "usedAt"`;

/** As far as it is looked at before the library judges it. */
const Response = z.object({
  id: z.string().max(1_400),
  rawId: z.string(),
  response: z.record(z.string(), z.unknown()),
});

/** Level 3 needs a key that stays in its device (NIST SP 800-63B-4 §3.1.7 says the same of copies: not above its level 2). */
export function passkeyLevel({ multiDevice }: Pick<Passkey, "multiDevice">): 2 | 3 {
  return multiDevice ? 2 : 3;
}

type Library = typeof import("@simplewebauthn/server");

interface Judged {
  readonly sql: Sql;
  readonly secrets: Secrets;
  /** As the browser sent it, JSON. */
  readonly response: string;
  readonly use: string;
  readonly at: string;
}

/** Keeps a new passkey of an account; undefined where the answer is not right. Attestation is not asked for, and not believed. */
export async function addPasskey(
  judged: Judged,
  of: { readonly account: string; readonly name: string },
): Promise<Pick<Passkey, "multiDevice"> | undefined> {
  const { sql } = judged;
  const response = parsed(judged.response);
  if (!response) return undefined;
  const { id: expectedRPID, origin: expectedOrigin } = passkeySite();
  const verified = await judgedByLibrary(({ verifyRegistrationResponse }) =>
    verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: (challenge) => takeChallenge(sql, judged.secrets, { ...judged, challenge }),
      expectedOrigin,
      expectedRPID,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
    }),
  );
  if (!verified?.verified) return undefined;
  const { credential, credentialDeviceType, credentialBackedUp } = verified.registrationInfo;
  const multiDevice = credentialDeviceType === "multiDevice";
  const added = await sql.execute(
    `INSERT INTO identity.passkey
       (id, account, credential_id, public_key, counter, multi_device, backed_up, transports, name, made_at, used_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10
      WHERE (SELECT count(*) FROM identity.passkey WHERE account = $2) < ${PASSKEYS_MAX}
     ON CONFLICT (credential_id) DO NOTHING`,
    [
      randomOpaqueUuid(),
      of.account,
      credential.id,
      credential.publicKey,
      credential.counter,
      multiDevice,
      credentialBackedUp,
      credential.transports ?? [],
      of.name,
      judged.at,
    ],
  );
  return added === 1 ? { multiDevice } : undefined;
}

/**
 * The passkey by which an answer was given, where it is right: of our site, to our challenge, with its holder verified, and counting up
 * (WebAuthn §6.1.1: a counter that does not may mean a copy).
 */
export async function provenPasskey(judged: Judged): Promise<Passkey | undefined> {
  const { sql } = judged;
  const response = parsed(judged.response);
  const passkey = response && (await passkeyOf(sql, response.id));
  if (!response || !passkey) return undefined;
  const { id: expectedRPID, origin: expectedOrigin } = passkeySite();
  const verified = await judgedByLibrary(({ verifyAuthenticationResponse }) =>
    verifyAuthenticationResponse({
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge: (challenge) => takeChallenge(sql, judged.secrets, { ...judged, challenge }),
      expectedOrigin,
      expectedRPID,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
      },
    }),
  );
  if (!verified?.verified) return undefined;
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  await sql.execute("UPDATE identity.passkey SET counter = $2, backed_up = $3, used_at = $4 WHERE id = $1", [
    passkey.id,
    newCounter,
    credentialBackedUp,
    judged.at,
  ]);
  return passkey;
}

export async function removePasskeysOf(sql: Sql, account: string): Promise<void> {
  await sql.execute("DELETE FROM identity.passkey WHERE account = $1", [account]);
}

/** Whose passkey an answer names, before it is judged. */
export async function accountNamedBy(sql: Sql, json: string): Promise<string | undefined> {
  const response = parsed(json);
  if (!response) return undefined;
  const [row] = await sql.query<{ account: string }>("SELECT account FROM identity.passkey WHERE credential_id = $1", [
    response.id,
  ]);
  return row?.account;
}

export async function passkeysOf(sql: Sql, account: string): Promise<readonly Passkey[]> {
  return await sql.query<Passkey>(`SELECT ${COLUMNS} FROM identity.passkey WHERE account = $1 ORDER BY made_at, id`, [
    account,
  ]);
}

export async function removePasskeyOf(sql: Sql, account: string, id: string): Promise<boolean> {
  return (await sql.execute("DELETE FROM identity.passkey WHERE account = $1 AND id = $2", [account, id])) === 1;
}

async function passkeyOf(sql: Sql, credentialId: string): Promise<Passkey | undefined> {
  const [row] = await sql.query<Passkey>(
    `SELECT ${COLUMNS} FROM identity.passkey WHERE credential_id = $1 FOR UPDATE`,
    [credentialId],
  );
  return row;
}

function parsed(json: string): z.infer<typeof Response> | undefined {
  try {
    const read = Response.safeParse(JSON.parse(json));
    return read.success ? (JSON.parse(json) as z.infer<typeof Response>) : undefined;
  } catch {
    return undefined;
  }
}

/** The library throws for whatever is not right in an answer; all of that is one answer here: it is not. */
async function judgedByLibrary<T>(judge: (library: Library) => Promise<T>): Promise<T | undefined> {
  const library = await import("@simplewebauthn/server"); // a node rests without it
  try {
    return await judge(library);
  } catch (error) {
    if (error instanceof Error && "severity" in error) throw error; // the database's
    return undefined;
  }
}
