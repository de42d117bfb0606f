import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { deriveKey } from "#lib/crypto/digest";
import {
  blindIndex,
  type DataKey,
  EnvelopeBatch,
  EnvelopeError,
  envelopeKeyId,
  openAttribute,
  type SealedValue,
  sealAttribute,
} from "#lib/crypto/envelope";
import { openAttributes } from "#lib/crypto/open-attributes";
import type { CryptoSuite } from "#lib/crypto/suite";
import { assert, Fault } from "../errors/fault.ts";
import type { DataKeyGeneration, DataKeys, IndexKeyGeneration, IndexKeys, KeyMaterial } from "../ports.ts";
import { randomBytes } from "../random.ts";
import "./faults.ts";

export const MASTER_KEY_BYTES = 32;
/** Keys that are kept derived. Labels name rooms, registers and attributes, so there are few. */
export const MAX_DERIVED_KEYS = 10_000;
const NONCE_BYTES = 12;
const KEY_ID_BYTES = 6;

/**
 * Where every data key comes from. Each purpose has a label, and each label a key of its own (HKDF-SHA-256), so that what
 * was sealed, indexed or named for one purpose says nothing about another. What seals and what finds change from generation to
 * generation, each by itself.
 */
export interface Vault {
  /** The id of the generation that seals now, as it stands in every envelope. */
  readonly keyId: string;
  /**
   * Encrypts and authenticates, in the suite of the generation: AES-256-GCM or SM4-GCM; a batch in counter mode with HMAC.
   * @param label what the key is for: "file", "register.population.person"
   * @param associatedData where the plaintext belongs; it opens nowhere else
   */
  seal(label: string, plaintext: Uint8Array, associatedData: Uint8Array | string): Uint8Array;
  /** Seals many values in one go, several times faster each: for imports. */
  batch(label: string): SealingBatch;
  /** @throws ERR_VAULT_KEY, ERR_VAULT_ERASED where its key was destroyed, ERR_VAULT_SEAL */
  open(label: string, sealed: Uint8Array, associatedData: Uint8Array | string): Uint8Array;
  /** Opens many, several times faster each where they were sealed in batches. @returns undefined of each for which {@link open} throws */
  openAll(label: string, values: readonly SealedValue[]): readonly (Uint8Array | undefined)[];
  /** The id of the generation that makes blind indexes now. */
  readonly indexKeyId: string;
  /** Whether there are others, of which some may still stand in tables. */
  readonly isRenamed: boolean;
  /** 16 bytes by which a sealed value is found again but not read. Full-width and half-width writings are the same. To be written. */
  blind(label: string, value: string): Uint8Array;
  /** As the other generations made it, by which it may stand where it was not written anew yet; mostly there are none. */
  otherBlinds(label: string, value: string): readonly Uint8Array[];
  /** To be looked up by: {@link blind} and {@link otherBlinds}. */
  blinds(label: string, value: string): readonly [Uint8Array, ...Uint8Array[]];
  /** A key of 32 bytes for what the vault does not do itself, such as form tokens: what signs now. */
  key(label: string): Uint8Array;
  /** The keys under which what was signed counts: as {@link key}, then those of other generations until what they signed ends. */
  keys(label: string): readonly [Uint8Array, ...Uint8Array[]];
  /** As {@link key}, then of every other generation: for what is compared as long as it is stored. */
  everyKey(label: string): readonly [Uint8Array, ...Uint8Array[]];
  /** A key that never changes, for names that others keep. */
  stayingKey(label: string): Uint8Array;
  /** The same vault, finding by the generations of this moment: for work that must be of one piece. */
  pinned(): Vault;
}

/** Values that are sealed together. */
export interface SealingBatch {
  /** @param associatedData where the plaintext belongs; it opens nowhere else */
  add(plaintext: string, associatedData: string): void;
  /** What was added since the last time, sealed, in order. */
  seal(): readonly Uint8Array[];
}

/** Opens the vault over the node's secrets. */
export function openVault(material: KeyMaterial): Vault {
  const staying = new Derivation(material.masterKey());
  const indexes = new Indexes(material);
  const generations = new Generations(material);
  const vault: Vault = {
    get keyId() {
      return generations.current.id;
    },
    seal: (label, plaintext, associatedData) =>
      sealAttribute(generations.current.dataKey(label), plaintext, bytesOf(associatedData), randomBytes(NONCE_BYTES)),
    batch(label) {
      const batch = new EnvelopeBatch(generations.current.dataKey(label));
      return {
        add: (plaintext, associatedData) => batch.add(plaintext, associatedData),
        seal: () => batch.seal(randomBytes(NONCE_BYTES)),
      };
    },
    open(label, sealed, associatedData) {
      try {
        return openAttribute((id) => generations.find(id)?.dataKey(label), sealed, bytesOf(associatedData));
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
        throw new Fault(generations.faultOf(error, sealed), { message: `${label}: ${error.message}`, cause: error });
      }
    },
    openAll: (label, values) => openAttributes((id) => generations.find(id)?.dataKey(label), values),
    get indexKeyId() {
      return indexes.current.id;
    },
    get isRenamed() {
      return indexes.others.length > 0;
    },
    blind: (label, value) => indexes.current.blind(label, value),
    otherBlinds: (label, value) => indexes.others.map((each) => each.blind(label, value)),
    blinds: (label, value) => firstOf(indexes.all, (each) => each.blind(label, value)),
    key: (label) => indexes.current.key(label),
    keys: (label) => {
      const now = Date.now();
      const counting = indexes.all.slice(1).filter(({ acceptedUntil }) => now < acceptedUntil);
      return firstOf([indexes.current, ...counting], (each) => each.key(label));
    },
    everyKey: (label) => firstOf(indexes.all, (each) => each.key(label)),
    stayingKey: (label) => staying.derived(`key.${label}`).slice(),
    pinned() {
      const now = indexKeysOf(material);
      return openVault({
        ...{ masterKey: () => material.masterKey(), dataKeys: () => dataKeysOf(material), indexKeys: () => now },
        missed: (id) => material.missed?.(id),
      });
    },
  };
  secrets.set(vault, material);
  return Object.freeze(vault);
}

/** Of open vaults: reachable with the vault in hand alone. */
const secrets = new WeakMap<Vault, KeyMaterial>();

/** What a thread of this process needs to open the same vault. Goes into `workerData`, and nowhere else. */
export interface VaultSecrets {
  readonly masterKey: Uint8Array;
  readonly indexKeys: IndexKeys;
  readonly dataKeys: DataKeys;
}

/** For threads that seal in large numbers (imports): as things are now. */
export function secretsForThread(vault: Vault): VaultSecrets {
  const material = secrets.get(vault);
  assert(material !== undefined, "the vault was opened by openVault");
  return { masterKey: material.masterKey(), indexKeys: indexKeysOf(material), dataKeys: dataKeysOf(material) };
}

/** In the thread: the vault of the thread that started it. */
export function openVaultInThread({ masterKey, indexKeys, dataKeys }: VaultSecrets): Vault {
  return openVault({ masterKey: () => masterKey, indexKeys: () => indexKeys, dataKeys: () => dataKeys });
}

/** The id of a generation, which follows from its secret. */
export function generationId(secret: Uint8Array): string {
  return idOf(secret, "zhengtong.id");
}

/** Likewise of one that finds: a node's first one may have the secret of its first that seals. */
export function indexKeyId(secret: Uint8Array): string {
  return idOf(secret, "zhengtong.index-id");
}

function idOf(secret: Uint8Array, label: string): string {
  return `k${Buffer.from(deriveKey(secret, { label, sizeBytes: KEY_ID_BYTES })).toString("hex")}`;
}

/** Where there are no generations, the master key is the only one. */
export function dataKeysOf(material: KeyMaterial): DataKeys {
  const known = material.dataKeys?.() ?? alone.get(material);
  if (known !== undefined) return known;
  const secret = material.masterKey();
  const current = { id: generationId(secret), secret, suite: "international" } as const;
  const only = { current, all: [current], destroyed: new Set<string>() };
  alone.set(material, only);
  return only;
}

const alone = new WeakMap<KeyMaterial, DataKeys>();

/** The same of what finds. */
export function indexKeysOf(material: KeyMaterial): IndexKeys {
  const known = material.indexKeys?.() ?? indexedAlone.get(material);
  if (known !== undefined) return known;
  const secret = material.masterKey();
  const acceptedUntil = Number.POSITIVE_INFINITY;
  const current = { id: indexKeyId(secret), secret, suite: "international", acceptedUntil } as const;
  const only = { current, all: [current] };
  indexedAlone.set(material, only);
  return only;
}

const indexedAlone = new WeakMap<KeyMaterial, IndexKeys>();

/** The index keys of a vault, as they are now: the current one first. */
class Indexes {
  readonly #material: KeyMaterial;
  #known: IndexKeys | undefined;
  #all: readonly [IndexGeneration, ...IndexGeneration[]] | undefined;

  constructor(material: KeyMaterial) {
    this.#material = material;
  }

  get current(): IndexGeneration {
    return this.all[0];
  }

  get others(): readonly IndexGeneration[] {
    const { all } = this;
    return all.length === 1 ? NONE : all.slice(1);
  }

  get all(): readonly [IndexGeneration, ...IndexGeneration[]] {
    const now = indexKeysOf(this.#material);
    if (now === this.#known && this.#all !== undefined) return this.#all;
    const before = new Map((this.#all ?? []).map((each) => [each.id, each]));
    const opened = (key: IndexKeyGeneration) => new IndexGeneration(key, before.get(key.id));
    const others = now.all.filter(({ id }) => id !== now.current.id);
    this.#all = [opened(now.current), ...others.map(opened)];
    this.#known = now;
    return this.#all;
  }
}

const NONE: readonly IndexGeneration[] = [];

class IndexGeneration {
  readonly id: string;
  readonly acceptedUntil: number;
  readonly #suite: CryptoSuite["name"];
  readonly #derivation: Derivation;

  constructor({ id, secret, suite, acceptedUntil }: IndexKeyGeneration, before: IndexGeneration | undefined) {
    this.id = id;
    this.acceptedUntil = acceptedUntil;
    this.#suite = suite;
    this.#derivation = before === undefined ? new Derivation(secret) : before.#derivation;
  }

  blind(label: string, value: string): Uint8Array {
    return blindIndex(this.#derivation.derived("blind"), label, value, this.#suite);
  }

  key(label: string): Uint8Array {
    return this.#derivation.derived(`key.${label}`).slice();
  }
}

function firstOf<In, Out>(all: readonly [In, ...In[]], make: (each: In) => Out): readonly [Out, ...Out[]] {
  const [first, ...others] = all;
  return [make(first), ...others.map(make)];
}

/** The generations of a vault, as they are now. */
class Generations {
  readonly #material: KeyMaterial;
  #known: DataKeys | undefined;
  #byId: ReadonlyMap<string, Generation> = new Map();

  constructor(material: KeyMaterial) {
    this.#material = material;
  }

  get current(): Generation {
    const current = this.#now().get(this.#known?.current.id ?? "");
    assert(current !== undefined, "the generation that seals is one of all");
    return current;
  }

  find(id: string): Generation | undefined {
    return this.#now().get(id);
  }

  faultOf(error: EnvelopeError, sealed: Uint8Array): "ERR_VAULT_KEY" | "ERR_VAULT_ERASED" | "ERR_VAULT_SEAL" {
    if (error.code !== "ERR_ENVELOPE_KEY") return "ERR_VAULT_SEAL";
    const id = envelopeKeyId(sealed);
    if (this.#known?.destroyed.has(id) === true) return "ERR_VAULT_ERASED";
    this.#material.missed?.(id);
    return "ERR_VAULT_KEY";
  }

  /** What is derived of a generation stays, as long as there is the generation. */
  #now(): ReadonlyMap<string, Generation> {
    const now = dataKeysOf(this.#material);
    if (now === this.#known) return this.#byId;
    const before = this.#byId;
    this.#byId = new Map(now.all.map((each) => [each.id, before.get(each.id) ?? new Generation(each)]));
    this.#known = now;
    return this.#byId;
  }
}

/** Keys that derive from one secret. */
class Derivation {
  readonly #secret: Uint8Array;
  readonly #derived = new Map<string, Uint8Array>();

  constructor(secret: Uint8Array) {
    assert(secret.length === MASTER_KEY_BYTES, `a master key has ${MASTER_KEY_BYTES} bytes`);
    this.#secret = concatBytes(secret);
  }

  derived(label: string): Uint8Array {
    let key = this.#derived.get(label);
    if (key === undefined) {
      assert(this.#derived.size < MAX_DERIVED_KEYS, "key labels name purposes, not values");
      key = deriveKey(this.#secret, { label: `zhengtong.${label}` });
      this.#derived.set(label, key);
    }
    return key;
  }
}

class Generation {
  readonly id: string;
  readonly #suite: CryptoSuite["name"];
  readonly #derivation: Derivation;
  readonly #dataKeys = new Map<string, DataKey>();

  constructor({ id, secret, suite }: DataKeyGeneration) {
    this.id = id;
    this.#suite = suite;
    this.#derivation = new Derivation(secret);
  }

  dataKey(label: string): DataKey {
    let key = this.#dataKeys.get(label);
    if (key === undefined) {
      key = { id: this.id, bytes: this.#derivation.derived(`data.${label}`), suite: this.#suite };
      this.#dataKeys.set(label, key);
    }
    return key;
  }
}

function bytesOf(associatedData: Uint8Array | string): Uint8Array {
  return typeof associatedData === "string" ? utf8(associatedData) : associatedData;
}
