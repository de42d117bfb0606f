import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { deriveKey, hmacSha256 } from "#lib/crypto/digest";
import {
  blindIndex,
  type DataKey,
  EnvelopeBatch,
  EnvelopeError,
  envelopeKeyId,
  openAttribute,
  sealAttribute,
} from "#lib/crypto/envelope";
import type { CryptoSuite } from "#lib/crypto/suite";
import { assert, Fault } from "../errors/fault.ts";
import type { DataKeyGeneration, DataKeys, KeyMaterial } from "../ports.ts";
import { randomBytes } from "../random.ts";
import "./faults.ts";

export const MASTER_KEY_BYTES = 32;
/** Keys that are kept derived. Labels name rooms, registers and attributes, so there are few. */
export const MAX_DERIVED_KEYS = 10_000;
const NONCE_BYTES = 12;
const PSEUDONYM_BYTES = 16;
const KEY_ID_BYTES = 6;

/**
 * Where every data key comes from. Each purpose has a label, and each label a key of its own (HKDF-SHA-256), so that what
 * was sealed, indexed or named for one purpose says nothing about another. What is sealed changes its key from generation to
 * generation; what is found or named by a key keeps it.
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
  /** 16 bytes by which a sealed value is found again but not read. Full-width and half-width writings are the same. */
  blind(label: string, value: string): Uint8Array;
  /** How the ledger names a subject: 32 hexadecimal digits that tell whoever has no key nothing. */
  pseudonym(kind: string, id: string): string;
  /** A key of 32 bytes for what the vault does not do itself, such as form tokens. */
  key(label: string): Uint8Array;
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
  const index = new Derivation(material.masterKey());
  const indexSuite = material.indexSuite ?? "international";
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
    blind: (label, value) => blindIndex(index.derived("blind"), label, value, indexSuite),
    pseudonym: (kind, id) =>
      Buffer.from(hmacSha256(index.derived("pseudonym"), utf8(`${kind}\0${id}`)))
        .subarray(0, PSEUDONYM_BYTES)
        .toString("hex"),
    key: (label) => index.derived(`key.${label}`).slice(),
  };
  secrets.set(vault, material);
  return Object.freeze(vault);
}

/** Of open vaults: reachable with the vault in hand alone. */
const secrets = new WeakMap<Vault, KeyMaterial>();

/** What a thread of this process needs to open the same vault. Goes into `workerData`, and nowhere else. */
export interface VaultSecrets {
  readonly masterKey: Uint8Array;
  readonly indexSuite: CryptoSuite["name"];
  readonly dataKeys: DataKeys;
}

/** For threads that seal in large numbers (imports): as things are now. */
export function secretsForThread(vault: Vault): VaultSecrets {
  const material = secrets.get(vault);
  assert(material !== undefined, "the vault was opened by openVault");
  const { indexSuite = "international" } = material;
  return { masterKey: material.masterKey(), indexSuite, dataKeys: dataKeysOf(material) };
}

/** In the thread: the vault of the thread that started it. */
export function openVaultInThread({ masterKey, indexSuite, dataKeys }: VaultSecrets): Vault {
  return openVault({ masterKey: () => masterKey, indexSuite, dataKeys: () => dataKeys });
}

/** The id of a generation, which follows from its secret. */
export function generationId(secret: Uint8Array): string {
  const name = deriveKey(secret, { label: "zhengtong.id", sizeBytes: KEY_ID_BYTES });
  return `k${Buffer.from(name).toString("hex")}`;
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
