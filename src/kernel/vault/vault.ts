import { concatBytes, utf8 } from "#lib/crypto/bytes";
import { deriveKey, hmacSha256 } from "#lib/crypto/digest";
import {
  blindIndex,
  type DataKey,
  EnvelopeBatch,
  EnvelopeError,
  openAttribute,
  sealAttribute,
} from "#lib/crypto/envelope";
import { assert, Fault } from "../errors/fault.ts";
import type { KeyMaterial } from "../ports.ts";
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
 * was sealed, indexed or named for one purpose says nothing about another.
 */
export interface Vault {
  /** The id of the master key in use, as it stands in every envelope: a rotated key is found by it. */
  readonly keyId: string;
  /**
   * Encrypts and authenticates (AES-256-GCM; a batch: AES-256-CTR with HMAC-SHA-256).
   * @param label what the key is for: "file", "register.population.person"
   * @param associatedData where the plaintext belongs; it opens nowhere else
   */
  seal(label: string, plaintext: Uint8Array, associatedData: Uint8Array | string): Uint8Array;
  /** Seals many values in one go, several times faster each: for imports. */
  batch(label: string): SealingBatch;
  /** @throws ERR_VAULT_KEY, ERR_VAULT_SEAL */
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

export interface VaultOptions {
  readonly keys: KeyMaterial;
  /**
   * Master keys from before, oldest first: what they sealed still opens. Blind indexes, pseudonyms and `key` stay with the
   * oldest, since what they made cannot be made anew without reading everything.
   */
  readonly previous?: readonly KeyMaterial[];
}

/** Opens the vault over the node's master key. */
export function openVault(options: VaultOptions): Vault {
  const masters = [...(options.previous ?? []), options.keys].map((keys) => new Master(keys.masterKey()));
  const byId = new Map(masters.map((master) => [master.id, master]));
  const [oldest] = masters;
  const current = masters.at(-1);
  assert(oldest !== undefined && current !== undefined, "a vault has a master key");
  const vault = Object.freeze<Vault>({
    keyId: current.id,
    seal: (label, plaintext, associatedData) =>
      sealAttribute(current.dataKey(label), plaintext, bytesOf(associatedData), randomBytes(NONCE_BYTES)),
    batch(label) {
      const batch = new EnvelopeBatch(current.dataKey(label));
      return {
        add: (plaintext, associatedData) => batch.add(plaintext, associatedData),
        seal: () => batch.seal(randomBytes(NONCE_BYTES)),
      };
    },
    open(label, sealed, associatedData) {
      try {
        return openAttribute((id) => byId.get(id)?.dataKey(label), sealed, bytesOf(associatedData));
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
        const code = error.code === "ERR_ENVELOPE_KEY" ? "ERR_VAULT_KEY" : "ERR_VAULT_SEAL";
        throw new Fault(code, { message: `${label}: ${error.message}`, cause: error });
      }
    },
    blind: (label, value) => blindIndex(oldest.derived("blind"), label, value),
    pseudonym: (kind, id) =>
      Buffer.from(hmacSha256(oldest.derived("pseudonym"), utf8(`${kind}\0${id}`)))
        .subarray(0, PSEUDONYM_BYTES)
        .toString("hex"),
    key: (label) => oldest.derived(`key.${label}`).slice(),
  });
  secrets.set(
    vault,
    masters.map((master) => master.secret()),
  );
  return vault;
}

/** Master keys of open vaults, oldest first: reachable with the vault in hand alone. */
const secrets = new WeakMap<Vault, readonly Uint8Array[]>();

/** What a thread of this process needs to open the same vault. Goes into `workerData`, and nowhere else. */
export interface VaultSecrets {
  readonly masterKeys: readonly Uint8Array[];
}

/** For threads that seal in large numbers (imports). */
export function secretsForThread(vault: Vault): VaultSecrets {
  const masterKeys = secrets.get(vault);
  assert(masterKeys !== undefined, "the vault was opened by openVault");
  return { masterKeys };
}

/** In the thread: the vault of the thread that started it. */
export function openVaultInThread({ masterKeys }: VaultSecrets): Vault {
  const materials = masterKeys.map((key) => ({ masterKey: () => key }));
  const keys = materials.at(-1);
  assert(keys !== undefined, "a vault has a master key");
  return openVault({ keys, previous: materials.slice(0, -1) });
}

class Master {
  readonly id: string;
  readonly #secret: Uint8Array;
  readonly #derived = new Map<string, Uint8Array>();
  readonly #dataKeys = new Map<string, DataKey>();

  constructor(secret: Uint8Array) {
    assert(secret.length === MASTER_KEY_BYTES, `a master key has ${MASTER_KEY_BYTES} bytes`);
    this.#secret = concatBytes(secret);
    this.id = `k${Buffer.from(deriveKey(this.#secret, { label: "zhengtong.id", sizeBytes: KEY_ID_BYTES })).toString("hex")}`;
  }

  secret(): Uint8Array {
    return this.#secret;
  }

  dataKey(label: string): DataKey {
    let key = this.#dataKeys.get(label);
    if (key === undefined) {
      key = { id: this.id, bytes: this.derived(`data.${label}`) };
      this.#dataKeys.set(label, key);
    }
    return key;
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

function bytesOf(associatedData: Uint8Array | string): Uint8Array {
  return typeof associatedData === "string" ? utf8(associatedData) : associatedData;
}
