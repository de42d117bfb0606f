/** The keys that seal what the node keeps, and those that find it: opened with the node's key, generation by generation. */
import { randomBytes } from "node:crypto";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database, Transaction } from "#kernel/database/sql";
import { assert, Fault, isFault } from "#kernel/errors/fault";
import type { DataKeyGeneration, DataKeys, IndexKeys, KeyMaterial } from "#kernel/ports";
import { generationId, indexKeyId } from "#kernel/vault/vault";
import { utf8 } from "#lib/crypto/bytes";
import { type DataKey, EnvelopeError, openAttribute, sealAttribute } from "#lib/crypto/envelope";
import { INTERNATIONAL_CHOICE, type SuiteChoice, suitesFor } from "#lib/crypto/purposes";
import "../faults.ts";
import {
  addDataKey,
  DATA_KEY_KINDS,
  type DataKeyKind,
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
/** What was signed with an index key counts for so long after the key's end: longer than any session, and so any form. */
export const TOKENS_LAST_MS = 24 * 3_600_000;
const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const NODE = { kind: "node", id: "trust" } as const;

export interface DataKeyOptions {
  readonly database: Database;
  readonly secrets: NodeSecrets;
  /** Takes in another node's key after a renewal; absent: nobody renews it meanwhile. */
  readonly follow?: (() => Promise<boolean>) | undefined;
  readonly suites: SuiteChoice;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** What the register of data keys gives to the node. */
export interface OpenDataKeys {
  readonly material: KeyMaterial;
  /** A new key, sealed under the node's key; it is one of the node's when it stands in the register. */
  make(kind: DataKeyKind): MadeKey;
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
  readonly #nodeSecrets: NodeSecrets;
  readonly #follow: () => Promise<boolean>;
  readonly #envelope: DataKeyGeneration["suite"];
  readonly #derived: Uint8Array;
  readonly #suite: DataKeyGeneration["suite"];
  readonly #secrets = new Map<string, Uint8Array>();
  #seen = "";
  #keys: DataKeys | undefined;
  #indexKeys: IndexKeys | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor({ database, secrets, suites, follow = async () => false }: DataKeyOptions) {
    this.#database = database;
    this.#derived = secrets.staying;
    this.#suite = suitesFor("attribute-encryption", suites).suite.name;
    this.#nodeSecrets = secrets;
    this.#follow = follow;
    this.#envelope = suitesFor("key-envelope", suites).suite.name;
    this.material = {
      masterKey: () => this.#derived,
      dataKeys: () => {
        assert(this.#keys, "data keys were opened");
        return this.#keys;
      },
      indexKeys: () => {
        assert(this.#indexKeys, "index keys were opened");
        return this.#indexKeys;
      },
      missed: () => void this.refresh().catch(() => undefined), // whoever missed it was told
    };
  }

  make(kind: DataKeyKind): MadeKey {
    const secret = randomBytes(SECRET_BYTES);
    const id = kind === "seal" ? generationId(secret) : indexKeyId(secret);
    return { id, suite: this.#suite, wrapped: this.#wrap(id, secret) };
  }

  /** The first index key: it follows from what stays of the node's key, as on every node before there were generations of it. */
  get firstIndexKey(): MadeKey {
    return { id: indexKeyId(this.#derived), suite: this.#suite };
  }

  async wrapAnew(record: (tx: Transaction) => Promise<void>): Promise<number> {
    return await this.#database.transaction(async (tx) => {
      await lockDataKeys(tx);
      const rows = (await readSealedKeys(tx)).filter(({ wrapped }) => wrapped !== null);
      for (const row of rows) await replaceWrapped(tx, row, this.#wrap(row.id, this.#secretOf(row)));
      await record(tx);
      return rows.length;
    });
  }

  #wrap(id: string, secret: Uint8Array): Uint8Array {
    return sealAttribute(this.#wrapping.current, secret, placeOf(id), randomBytes(NONCE_BYTES));
  }

  #unwrap(id: string, wrapped: Uint8Array): Uint8Array {
    const { current, former } = this.#wrapping;
    try {
      return openAttribute(current, wrapped, placeOf(id));
    } catch (error) {
      if (former === undefined || !(error instanceof EnvelopeError)) throw error;
      return openAttribute(former, wrapped, placeOf(id));
    }
  }

  get #wrapping(): { readonly current: DataKey; readonly former: DataKey | undefined } {
    const { current, former } = this.#nodeSecrets.wrapping("wrapping of data keys");
    const key = (bytes: Uint8Array): DataKey => ({ id: "node", bytes, suite: this.#envelope });
    return { current: key(current), former: former && key(former) };
  }

  refresh(): Promise<void> {
    // One after another: an older answer must not replace a newer one.
    const next = this.#refreshing.catch(() => undefined).then(() => this.#readFollowing());
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

  async #readFollowing(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      // Another process renewed the node's key meanwhile.
      if (!isFault(error, "ERR_TRUST_KEY_FILE") || !(await this.#follow())) throw error;
      await this.#read();
    }
  }

  async #read(): Promise<void> {
    const rows = await readSealedKeys(this.#database);
    const seen = rows.map(({ id, state }) => `${id} ${state}`).join("\n");
    if (seen === this.#seen) return;
    const living = rows.filter(({ state }) => state !== "destroyed");
    const open = (kind: DataKeyKind) =>
      living
        .filter((row) => row.kind === kind)
        .map((row) => ({ row, id: row.id, suite: row.suite, secret: this.#secretOf(row) }));
    const [sealing, finding] = [open("seal"), open("index").map((key) => ({ ...key, ...acceptance(key.row) }))];
    const current = sealing.find(({ row }) => row.state === "active");
    const finds = finding.find(({ row }) => row.state === "active");
    assert(current && finds, "one key of each kind is active");
    const destroyed = new Set(rows.filter((row) => !living.includes(row)).map(({ id }) => id));
    for (const id of destroyed) {
      this.#secrets.get(id)?.fill(0);
      this.#secrets.delete(id);
    }
    this.#keys = Object.freeze({ current: plain(current), all: sealing.map(plain), destroyed });
    this.#indexKeys = Object.freeze({ current: plainIndex(finds), all: finding.map(plainIndex) });
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

function plain({ id, suite, secret }: DataKeyGeneration): DataKeyGeneration {
  return { id, suite, secret };
}

function plainIndex(key: IndexKeys["current"]): IndexKeys["current"] {
  return { ...plain(key), acceptedUntil: key.acceptedUntil };
}

/** Until when what it signed counts. Of what may be in other hands nothing does. */
function acceptance({ state, endedAt }: SealedKey): Pick<IndexKeys["current"], "acceptedUntil"> {
  if (state === "active" || state === "pre-active") return { acceptedUntil: Number.POSITIVE_INFINITY };
  return { acceptedUntil: state === "deactivated" ? Date.parse(endedAt ?? "") + TOKENS_LAST_MS : 0 };
}

/** Several processes may start at once: one makes the keys. */
async function ensureFirst({ database, secrets, at }: DataKeyOptions, keys: Generations): Promise<void> {
  await database.transaction(async (tx) => {
    const known = await lockDataKeys(tx);
    const isNew = DATA_KEY_KINDS.filter((kind) => !known.some((key) => key.kind === kind));
    if (isNew.length === 0) return;
    const [node] = await tx.query<{ older: boolean }>("SELECT EXISTS (SELECT FROM ledger.entry) AS older");
    const isOlder = node?.older === true;
    const derived = { id: generationId(secrets.staying), suite: suiteOfOlder };
    const first = { seal: isOlder ? derived : keys.make("seal"), index: keys.firstIndexKey };
    const act = {
      at,
      by: NODE,
      reason: isOlder ? "本节点原有密钥 / the key that the node had" : "首次启动 / first start",
    };
    for (const kind of isNew) {
      await addDataKey(tx, first[kind], { ...act, kind, generation: 1, activeFrom: at });
      await moveDataKey(tx, { id: first[kind].id, kind }, "active", act);
    }
  });
}

/** A node that held data before it could choose. */
const suiteOfOlder = INTERNATIONAL_CHOICE.suite;

function placeOf(id: string): Uint8Array {
  return utf8(`data key ${id}`);
}
