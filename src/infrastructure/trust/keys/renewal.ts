/**
 * Renews the node's key, which wraps all others: a new one is made, everything that the old one wrapped is put under it, and the old one
 * goes. Each step holds by itself: interrupted at any moment, everything opens, and the next call goes on. What names and finds
 * (blind indexes, pseudonyms) keeps its secret.
 */
import { randomBytes } from "node:crypto";
import type { Database, Transaction } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import type { SuiteChoice } from "#lib/crypto/purposes";
import { KEYS_CHANGED_CHANNEL } from "./data-key-rows.ts";
import { openDataKeys } from "./data-keys.ts";
import { carryKeys } from "./file-key-store.ts";
import { awaitFollowers } from "./key-processes.ts";
import { rewrapTlsKey } from "./membership-keys.ts";
import { openNodeKey, type Passphrase, replaceNodeKey, type SealingToken } from "./node-key.ts";
import { NodeSecrets, SECRET_BYTES } from "./node-secrets.ts";
import { draftsIn, removeLeft } from "./write-once.ts";

export interface Renewal {
  readonly folder: string;
  readonly passphrase: Passphrase;
  readonly token?: SealingToken | undefined;
  readonly database: Database;
  readonly suites: SuiteChoice;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** Puts it on record, with what it changes in the database; a call that goes on with an interrupted one is on record too. */
  record(tx: Transaction): Promise<void>;
  /** How long the others have to follow; tests wait shorter. */
  readonly followTimeoutMs?: number;
}

/** What was put under the new key. */
export interface Renewed {
  readonly signingKeys: number;
  readonly dataKeys: number;
  /** How many processes had the node's key open, and follow. */
  readonly processes: number;
}

/**
 * Processes of the node may run meanwhile: before anything is put under the new key, each that is alive has said that it wraps with it, and before the old
 * one goes, everything is. One that was killed is not waited for.
 * @throws {Fault} as `openNodeKey` does; ERR_TRUST_KEY_PROCESSES where one does not follow, ERR_TRUST_RENEWING where another renews: both keys open
 *   everything then, and the next call goes on
 */
export async function renewNodeKey(renewal: Renewal): Promise<Renewed> {
  const outcome = await renewal.database.tryAdvisoryLock("trust.node-key renewal", () => renewAlone(renewal));
  if (!outcome.held) throw new Fault("ERR_TRUST_RENEWING");
  return outcome.value;
}

async function renewAlone(renewal: Renewal): Promise<Renewed> {
  const { folder, passphrase, token, database, suites, at, record, followTimeoutMs } = renewal;
  const before = new NodeSecrets(await openNodeKey(folder, passphrase, token));
  await replaceNodeKey(folder, before.begun(randomBytes(SECRET_BYTES)), { passphrase, token });
  const secrets = new NodeSecrets(await openNodeKey(folder, passphrase, token));
  const processes = await awaitFollowers(database, { name: secrets.name, timeoutMs: followTimeoutMs });
  const drafts = await draftsIn(folder);
  const signingKeys = await carryKeys(folder, secrets);
  await rewrapTlsKey(folder, secrets);
  const dataKeys = await (await openDataKeys({ database, secrets, suites, at })).wrapAnew(record);
  // What an interrupted write left is sealed with the old key, which may be in other hands.
  await removeLeft(folder, drafts);
  await replaceNodeKey(folder, secrets.ended(), { passphrase, token });
  await database.query("SELECT pg_notify($1, $2)", [KEYS_CHANGED_CHANNEL, "node-key"]);
  return { signingKeys, dataKeys, processes };
}
