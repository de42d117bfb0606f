import { deriveKey } from "#lib/crypto/digest";
import { blindIndex, type DataKey } from "#lib/crypto/envelope";
import { assert } from "../errors/fault.ts";
import type { DataKeyGeneration, DataKeys, KeyMaterial } from "../ports.ts";
import { dataKeysOf } from "../vault/vault.ts";

/** The keys of one node's ledger. */
export interface LedgerKeys {
  /** Seals new content: the one of the generation that seals now. */
  readonly seal: DataKey;
  /** Finds the key of older content. */
  find(id: string): DataKey | undefined;
  /** Whether a key was destroyed: what it sealed is erased. */
  isDestroyed(id: string): boolean;
  /** Makes pseudonyms. Must stay the same for the life of the ledger. */
  readonly index: Uint8Array;
}

/** The id under which contents were sealed before there were generations. */
const FIRST_KEY = "ledger-1";
const CONTENT = { label: "zhengtong/ledger/content/1" };

/** Derives the ledger's keys from the node's secrets. */
export function ledgerKeys(material: KeyMaterial): LedgerKeys {
  const master = material.masterKey();
  const first: DataKey = { id: FIRST_KEY, bytes: deriveKey(master, CONTENT) };
  const known = new Map<string, DataKey>();
  const keyOf = ({ id, secret, suite }: DataKeyGeneration): DataKey => {
    const key = known.get(id) ?? { id, bytes: deriveKey(secret, CONTENT), suite };
    known.set(id, key);
    return key;
  };
  const keys = Object.freeze<LedgerKeys>({
    get seal() {
      return keyOf(dataKeysOf(material).current);
    },
    find(id) {
      if (id === FIRST_KEY) return first;
      const generation = dataKeysOf(material).all.find((each) => each.id === id);
      return generation && keyOf(generation);
    },
    isDestroyed: (id) => dataKeysOf(material).destroyed.has(id),
    index: deriveKey(master, { label: "zhengtong/ledger/pseudonym/1" }),
  });
  materials.set(keys, material);
  return keys;
}

const materials = new WeakMap<LedgerKeys, KeyMaterial>();

/** What a thread of this process needs to open contents. */
export interface LedgerSecrets {
  readonly masterKey: Uint8Array;
  readonly dataKeys: DataKeys;
}

export function secretsForThread(keys: LedgerKeys): LedgerSecrets {
  const material = materials.get(keys);
  assert(material !== undefined, "the keys are those that `ledgerKeys` gave");
  return { masterKey: material.masterKey(), dataKeys: dataKeysOf(material) };
}

/** In the thread: the keys of the thread that started it. */
export function keysInThread({ masterKey, dataKeys }: LedgerSecrets): LedgerKeys {
  return ledgerKeys({ masterKey: () => masterKey, dataKeys: () => dataKeys });
}

/** Of officials and rooms, who act often; each is 16 bytes and its name. */
const PSEUDONYMS_KEPT = 4_096;
const kept = new WeakMap<Uint8Array, Map<string, Buffer>>();

/** How the database names a subject, an actor or a case. */
export function pseudonym(keys: LedgerKeys, kind: string, id: string): Buffer {
  const bytes = blindIndex(keys.index, `ledger ${kind}`, id);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** How the database names an actor. */
export function actorPseudonym(keys: LedgerKeys, { kind, id }: { readonly kind: string; readonly id: string }): Buffer {
  const known = kept.get(keys.index) ?? new Map<string, Buffer>();
  kept.set(keys.index, known);
  const name = `${kind}\0${id}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = pseudonym(keys, `actor ${kind}`, id);
  if (known.size >= PSEUDONYMS_KEPT) known.clear();
  known.set(name, made);
  return made;
}
