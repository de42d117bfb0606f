import { deriveKey } from "#lib/crypto/digest";
import { blindIndex, type DataKey } from "#lib/crypto/envelope";

/** The keys of one node's ledger. */
export interface LedgerKeys {
  /** Seals new content. */
  readonly seal: DataKey;
  /** Finds the key of older content. */
  find(id: string): DataKey | undefined;
  /** Makes pseudonyms. Must stay the same for the life of the ledger. */
  readonly index: Uint8Array;
}

/** Derives the ledger's keys from the node's master key. */
export function ledgerKeys(masterKey: Uint8Array): LedgerKeys {
  const seal = Object.freeze({ id: "ledger-1", bytes: deriveKey(masterKey, { label: "zhengtong/ledger/content/1" }) });
  const index = deriveKey(masterKey, { label: "zhengtong/ledger/pseudonym/1" });
  return Object.freeze({ seal, index, find: (id: string) => (id === seal.id ? seal : undefined) });
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
