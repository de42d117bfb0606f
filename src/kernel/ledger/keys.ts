import { concatBytes } from "#lib/crypto/bytes";
import { deriveKey } from "#lib/crypto/digest";
import { BLIND_INDEX_BYTES, blindIndex, blindIndexInto, type DataKey } from "#lib/crypto/envelope";
import { assert } from "../errors/fault.ts";
import type { DataKeyGeneration, DataKeys, IndexKeys, KeyMaterial } from "../ports.ts";
import { dataKeysOf, indexKeysOf } from "../vault/vault.ts";
import type { SubjectPart } from "./entry.ts";
import { hasEnded, sealedBy, sealedByName } from "./period.ts";
import type { KeptEntry, PeriodKeys } from "./period-keys.ts";

/** The keys of one node's ledger. */
export interface LedgerKeys {
  /** Seals new content by the generation that seals now; of a period, so that it opens neither without that nor without its period's key. */
  sealFor(period: string | undefined): DataKey;
  /** By which period the content of an entry is sealed; undefined where it is kept for good. */
  periodFor(entry: KeptEntry): string | undefined;
  /** Finds the key of older content. */
  find(id: string): DataKey | undefined;
  /** Whether a key was destroyed: what it sealed is erased. A period's key that is gone was, once its years are over. */
  isDestroyed(id: string): boolean;
  /** Whether a period's key is not at hand, though its years are not over. */
  isLost(id: string): boolean;
  /** The id of the generation that names now. */
  readonly indexKeyId: string;
  /** Make pseudonyms: what is written is named by the first, what is looked up by each. The same object until something changes. */
  readonly indexes: readonly [Uint8Array, ...Uint8Array[]];
}

/** The id under which contents were sealed before there were generations. */
const FIRST_KEY = "ledger-1";
const CONTENT = { label: "zhengtong/ledger/content/1" };
const CONTENT_OF_PERIOD = { label: "zhengtong/ledger/content of a period/1" };

/** The keys of periods, as they are now: of a process, or of one of its threads. */
export type LedgerPeriods = Pick<PeriodKeys, "periodFor" | "secretOf" | "secrets" | "now">;

const NO_PERIODS: LedgerPeriods = {
  periodFor: () => undefined,
  secretOf: () => undefined,
  secrets: () => new Map(),
  now: () => "1970-01-01T00:00:00Z",
};

/** Derives the ledger's keys from the node's secrets. */
export function ledgerKeys(material: KeyMaterial, periods: LedgerPeriods = NO_PERIODS): LedgerKeys {
  const master = material.masterKey();
  const first: DataKey = { id: FIRST_KEY, bytes: deriveKey(master, CONTENT) };
  const known = new Map<string, DataKey>();
  const keyOf = ({ id, secret, suite }: DataKeyGeneration): DataKey => {
    const key = known.get(id) ?? { id, bytes: deriveKey(secret, CONTENT), suite };
    known.set(id, key);
    return key;
  };
  const generationOf = (id: string) => dataKeysOf(material).all.find((each) => each.id === id);
  const keyOfPeriod = (generation: DataKeyGeneration, period: string): DataKey | undefined => {
    const secret = periods.secretOf(period);
    const id = sealedByName(generation.id, period);
    if (secret === undefined) {
      known.get(id)?.bytes.fill(0);
      known.delete(id);
      return undefined;
    }
    const bytes = () => deriveKey(concatBytes(generation.secret, secret), CONTENT_OF_PERIOD);
    const key = known.get(id) ?? { id, bytes: bytes(), suite: generation.suite };
    known.set(id, key);
    return key;
  };
  const keys = Object.freeze<LedgerKeys>({
    sealFor(period) {
      const { current } = dataKeysOf(material);
      return (period === undefined ? undefined : keyOfPeriod(current, period)) ?? keyOf(current);
    },
    periodFor: (entry) => periods.periodFor(entry),
    find(id) {
      if (id === FIRST_KEY) return first;
      const by = sealedBy(id);
      const generation = generationOf(by.generation);
      return generation && (by.period === undefined ? keyOf(generation) : keyOfPeriod(generation, by.period));
    },
    isDestroyed(id) {
      const { generation, period } = sealedBy(id);
      if (dataKeysOf(material).destroyed.has(generation)) return true;
      return period !== undefined && periods.secretOf(period) === undefined && hasEnded(period, periods.now());
    },
    isLost(id) {
      const { period } = sealedBy(id);
      return period !== undefined && periods.secretOf(period) === undefined && !hasEnded(period, periods.now());
    },
    get indexKeyId() {
      return indexKeysOf(material).current.id;
    },
    get indexes() {
      return namesOf(indexKeysOf(material));
    },
  });
  materials.set(keys, { material, periods });
  return keys;
}

const NAMES = { label: "zhengtong/ledger/pseudonym/1" };
const namesKnown = new WeakMap<IndexKeys, LedgerKeys["indexes"]>();

function namesOf(keys: IndexKeys): LedgerKeys["indexes"] {
  const known = namesKnown.get(keys);
  if (known !== undefined) return known;
  const others = keys.all.filter(({ id }) => id !== keys.current.id);
  const made = [
    deriveKey(keys.current.secret, NAMES),
    ...others.map(({ secret }) => deriveKey(secret, NAMES)),
  ] as const;
  namesKnown.set(keys, made);
  return made;
}

const materials = new WeakMap<LedgerKeys, { readonly material: KeyMaterial; readonly periods: LedgerPeriods }>();

/** What a thread of this process needs to open contents. */
export interface LedgerSecrets {
  readonly masterKey: Uint8Array;
  readonly indexKeys: IndexKeys;
  readonly dataKeys: DataKeys;
  readonly periods: ReadonlyMap<string, Uint8Array>;
  readonly now: string;
}

export function secretsForThread(keys: LedgerKeys): LedgerSecrets {
  const found = materials.get(keys);
  assert(found !== undefined, "the keys are those that `ledgerKeys` gave");
  const { material, periods } = found;
  return {
    ...{ masterKey: material.masterKey(), indexKeys: indexKeysOf(material), dataKeys: dataKeysOf(material) },
    ...{ periods: periods.secrets(), now: periods.now() },
  };
}

/** In the thread: the keys of the thread that started it. */
export function keysInThread({ masterKey, indexKeys, dataKeys, periods, now }: LedgerSecrets): LedgerKeys {
  const inThread: LedgerPeriods = {
    ...{ periodFor: () => undefined, secretOf: (period) => periods.get(period) },
    ...{ secrets: () => periods, now: () => now },
  };
  return ledgerKeys({ masterKey: () => masterKey, indexKeys: () => indexKeys, dataKeys: () => dataKeys }, inThread);
}

/** Of officials and rooms, who act often; each is 16 bytes and its name. */
const PSEUDONYMS_KEPT = 4_096;
const kept = new WeakMap<Uint8Array, Map<string, Buffer>>();

/** How the database names a subject, an actor or a case. */
export function pseudonym(keys: LedgerKeys, kind: string, id: string): Buffer {
  return nameBy(keys.indexes[0], kind, id);
}

/** How the database names those whom an entry concerns, one after the other. */
export function subjectPseudonyms(keys: LedgerKeys, subjects: readonly Pick<SubjectPart, "kind" | "id">[]): Buffer {
  const names = Buffer.alloc(subjects.length * BLIND_INDEX_BYTES);
  const [key] = keys.indexes;
  for (const [at, { kind, id }] of subjects.entries()) {
    const label = `ledger subject ${kind}`;
    blindIndexInto({ target: names, at: at * BLIND_INDEX_BYTES }, { key, label, value: id, suite: "international" });
  }
  return names;
}

/** By which names the database may have it: that one, then those that other generations made. */
export function pseudonyms(keys: LedgerKeys, kind: string, id: string): readonly Buffer[] {
  return keys.indexes.map((key) => nameBy(key, kind, id));
}

function nameBy(key: Uint8Array, kind: string, id: string): Buffer {
  const bytes = blindIndex(key, `ledger ${kind}`, id);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** How the database names an actor. */
export function actorPseudonym(keys: LedgerKeys, { kind, id }: { readonly kind: string; readonly id: string }): Buffer {
  const [current] = keys.indexes;
  const known = kept.get(current) ?? new Map<string, Buffer>();
  kept.set(current, known);
  const name = `${kind}\0${id}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const made = nameBy(current, `actor ${kind}`, id);
  if (known.size >= PSEUDONYMS_KEPT) known.clear();
  known.set(name, made);
  return made;
}
