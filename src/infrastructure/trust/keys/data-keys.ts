/** The keys that seal what the node keeps: opened with the node's key, generation by generation. */
import { randomBytes } from "node:crypto";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database, Transaction } from "#kernel/database/sql";
import { assert, Fault } from "#kernel/errors/fault";
import type { DataKeyGeneration, DataKeys, KeyMaterial } from "#kernel/ports";
import { generationId } from "#kernel/vault/vault";
import { utf8 } from "#lib/crypto/bytes";
import { type DataKey, EnvelopeError, openAttribute, sealAttribute } from "#lib/crypto/envelope";
import { INTERNATIONAL_CHOICE, type SuiteChoice, suitesFor } from "#lib/crypto/purposes";
import "../faults.ts";
import {
  addDataKey,
  KEYS_CHANGED_CHANNEL,
  lockDataKeys,
  type MadeKey,
  moveDataKey,
  readSealedKeys,
  replaceWrapped,
  type SealedKey,
} from "./data-key-rows.ts";
import type { NodeSecrets } from "./node-secrets.ts";

/** How often a process looks, though nobody told it: a new key waits longer than this before it protects anything. */
export const LOOK_AGAIN_MS = 10_000;
const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const NODE = { kind: "node", id: "trust" } as const;

export interface DataKeyOptions {
  readonly database: Database;
  readonly secrets: NodeSecrets;
  readonly suites: SuiteChoice;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** What the register of data keys gives to the node. */
export interface OpenDataKeys {
  readonly material: KeyMaterial;
  /** A new key, sealed under the node's key; it is one of the node's when it stands in the register. */
  make(): MadeKey;
  /** Seals every one of them anew under the node's key, which is being renewed. @param record of it, in the same transaction */
  wrapAnew(record: (tx: Transaction) => Promise<void>): Promise<number>;
  /** Sees what this or another process changed. */
  refresh(): Promise<void>;
  /** Keeps up with other processes on the same database. Gives what stops it. */
  watch(onFault: (fault: unknown) => void): Promise<() => Promise<void>>;
}

/**
 * Opens the generations; makes the first one on a new node. A node that held data before there were generations keeps the key that
 * derives from its own as the first.
 * @throws {Fault} ERR_TRUST_KEY_FILE when they were sealed under another node's key
 */
export async function openDataKeys(options: DataKeyOptions): Promise<OpenDataKeys> {
  const keys = new Generations(options);
  await ensureFirst(options, keys);
  await keys.refresh();
  return keys;
}

class Generations implements OpenDataKeys {
  readonly material: KeyMaterial;
  readonly #database: Database;
  readonly #wrapping: DataKey;
  readonly #former: DataKey | undefined;
  readonly #derived: Uint8Array;
  readonly #suite: DataKeyGeneration["suite"];
  readonly #secrets = new Map<string, Uint8Array>();
  #seen = "";
  #keys: DataKeys | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor({ database, secrets, suites }: DataKeyOptions) {
    this.#database = database;
    this.#derived = secrets.staying;
    this.#suite = suitesFor("attribute-encryption", suites).suite.name;
    const { current, former } = secrets.wrapping("wrapping of data keys");
    const suite = suitesFor("key-envelope", suites).suite.name;
    this.#wrapping = { id: "node", bytes: current, suite };
    this.#former = former && { id: "node", bytes: former, suite };
    this.material = {
      masterKey: () => this.#derived,
      indexSuite: this.#suite,
      dataKeys: () => {
        assert(this.#keys, "data keys were opened");
        return this.#keys;
      },
      missed: () => void this.refresh().catch(() => undefined), // whoever missed it was told
    };
  }

  make(): MadeKey {
    const secret = randomBytes(SECRET_BYTES);
    const id = generationId(secret);
    return { id, suite: this.#suite, wrapped: this.#wrap(id, secret) };
  }

  async wrapAnew(record: (tx: Transaction) => Promise<void>): Promise<number> {
    return await this.#database.transaction(async (tx) => {
      await lockDataKeys(tx);
      const rows = (await readSealedKeys(tx)).filter(({ wrapped }) => wrapped !== null);
      for (const row of rows) await replaceWrapped(tx, row.id, this.#wrap(row.id, this.#secretOf(row)));
      await record(tx);
      return rows.length;
    });
  }

  #wrap(id: string, secret: Uint8Array): Uint8Array {
    return sealAttribute(this.#wrapping, secret, placeOf(id), randomBytes(NONCE_BYTES));
  }

  #unwrap(id: string, wrapped: Uint8Array): Uint8Array {
    try {
      return openAttribute(this.#wrapping, wrapped, placeOf(id));
    } catch (error) {
      if (this.#former === undefined || !(error instanceof EnvelopeError)) throw error;
      return openAttribute(this.#former, wrapped, placeOf(id));
    }
  }

  refresh(): Promise<void> {
    // One after another: an older answer must not replace a newer one.
    const next = this.#refreshing.catch(() => undefined).then(() => this.#read());
    this.#refreshing = next;
    return next;
  }

  async watch(onFault: (fault: unknown) => void): Promise<() => Promise<void>> {
    const look = () => this.refresh();
    return keepLooking({
      database: this.#database,
      channel: KEYS_CHANGED_CHANNEL,
      everyMs: LOOK_AGAIN_MS,
      look,
      onFault,
    });
  }

  async #read(): Promise<void> {
    const rows = await readSealedKeys(this.#database);
    const seen = rows.map(({ id, state }) => `${id} ${state}`).join("\n");
    if (seen === this.#seen) return;
    const living = rows.filter(({ state }) => state !== "destroyed");
    const all = living.map((row) => ({ id: row.id, suite: row.suite, secret: this.#secretOf(row) }));
    const active = rows.find(({ state }) => state === "active");
    const current = all.find(({ id }) => id === active?.id);
    assert(current, "one data key is active");
    const destroyed = new Set(rows.filter((row) => !living.includes(row)).map(({ id }) => id));
    for (const id of destroyed) {
      this.#secrets.get(id)?.fill(0);
      this.#secrets.delete(id);
    }
    this.#keys = Object.freeze({ current, all, destroyed });
    this.#seen = seen;
  }

  #secretOf({ id, derived, wrapped }: SealedKey): Uint8Array {
    const known = derived ? this.#derived : this.#secrets.get(id);
    if (known !== undefined) return known;
    try {
      const secret = this.#unwrap(id, wrapped ?? new Uint8Array(0));
      this.#secrets.set(id, secret);
      return secret;
    } catch (cause) {
      if (!(cause instanceof EnvelopeError)) throw cause;
      const message = `the data key ${id} was sealed under another node's key, or changed`;
      throw new Fault("ERR_TRUST_KEY_FILE", { message, cause });
    }
  }
}

/** Several processes may start at once: one makes the key. */
async function ensureFirst({ database, secrets, at }: DataKeyOptions, keys: OpenDataKeys): Promise<void> {
  await database.transaction(async (tx) => {
    if ((await lockDataKeys(tx)).length > 0) return;
    const [node] = await tx.query<{ older: boolean }>("SELECT EXISTS (SELECT FROM ledger.entry) AS older");
    const isOlder = node?.older === true;
    const derived = { id: generationId(secrets.staying), suite: suiteOfOlder };
    const key = isOlder ? derived : keys.make();
    const act = {
      at,
      by: NODE,
      reason: isOlder ? "本节点原有密钥 / the key that the node had" : "首次启动 / first start",
    };
    await addDataKey(tx, key, { ...act, generation: 1, activeFrom: at });
    await moveDataKey(tx, key.id, "active", act);
  });
}

/** A node that held data before it could choose. */
const suiteOfOlder = INTERNATIONAL_CHOICE.suite;

function placeOf(id: string): Uint8Array {
  return utf8(`data key ${id}`);
}
