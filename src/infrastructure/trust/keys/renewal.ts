/**
 * Renews the node's key, which wraps all others: a new one is made, everything that the old one wrapped is put under it, and the old one
 * goes. Each step holds by itself: interrupted at any moment, everything opens, and the next call goes on. What names and finds
 * (blind indexes, pseudonyms) keeps its secret.
 */
import { randomBytes } from "node:crypto";
import type { Database, Transaction } from "#kernel/database/sql";
import type { SuiteChoice } from "#lib/crypto/purposes";
import { openDataKeys } from "./data-keys.ts";
import { carryKeys } from "./file-key-store.ts";
import { rewrapTlsKey } from "./membership-keys.ts";
import { openNodeKey, type Passphrase, replaceNodeKey, type SealingToken } from "./node-key.ts";
import { NodeSecrets, SECRET_BYTES } from "./node-secrets.ts";
import { removeDrafts } from "./write-once.ts";

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
}

/** What was put under the new key. */
export interface Renewed {
  readonly signingKeys: number;
  readonly dataKeys: number;
}

/** No process of the node may run meanwhile: it would go on with the old key. @throws {Fault} as `openNodeKey` does */
export async function renewNodeKey(renewal: Renewal): Promise<Renewed> {
  const { folder, passphrase, token, database, suites, at, record } = renewal;
  const before = new NodeSecrets(await openNodeKey(folder, passphrase, token));
  await replaceNodeKey(folder, before.begun(randomBytes(SECRET_BYTES)), { passphrase, token });
  const secrets = new NodeSecrets(await openNodeKey(folder, passphrase, token));
  const signingKeys = await carryKeys(folder, secrets);
  await rewrapTlsKey(folder, secrets);
  const dataKeys = await (await openDataKeys({ database, secrets, suites, at })).wrapAnew(record);
  // What an interrupted write left is sealed with the old key, which may be in other hands.
  await removeDrafts(folder);
  await replaceNodeKey(folder, secrets.ended(), { passphrase, token });
  return { signingKeys, dataKeys };
}
