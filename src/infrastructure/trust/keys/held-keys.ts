/**
 * The keys that a node holds in its own name, but for those that seal and find, which have a register of their own (`data-keys.ts`), and those
 * that are certified for authorities, officials and persons, which stand in the register of certificates.
 */
import type { Hierarchy } from "../certificates/hierarchy.ts";
import { halfYearLabel } from "../signatures/token-keys.ts";
import type { FollowedNodeKey } from "./followed-node-key.ts";
import { fingerprintOf, type Generation, generations } from "./key-generations.ts";
import type { KeyAlgorithm, KeyStore } from "./key-store.ts";
import type { KeyState } from "./life-cycle.ts";
import { findTlsPublicKey, WITNESS_LABEL } from "./membership-keys.ts";
import type { NodeSecrets } from "./node-secrets.ts";

export type HeldKeyUse =
  | "node-key"
  | "connection"
  | "log"
  | "directory"
  | "message"
  | "witness"
  | "sign-in"
  | "root"
  | "authority";

/**
 * Until when a key should be replaced, in months from when it was made. NIST SP 800-57 part 1, table 1: a private key that signs one to
 * three years, a symmetric key that wraps two at most. An authority's follows from its certificate, that of tokens from the calendar.
 */
const REPLACED_AFTER_MONTHS: Readonly<Record<Exclude<HeldKeyUse, "root" | "authority" | "sign-in">, number>> = {
  "node-key": 12,
  connection: 24,
  log: 36,
  directory: 24,
  message: 24,
  witness: 36,
};

/** A key as the node finds it. */
export interface HeldKey {
  readonly label: string;
  readonly use: HeldKeyUse;
  readonly algorithm: KeyAlgorithm | "aes-256";
  /** SHA-256 of the public half, hexadecimal. */
  readonly fingerprint: string;
  readonly state: Extract<KeyState, "active" | "deactivated">;
  /** ISO 8601 UTC; absent: so many months after it was first seen. */
  readonly replaceBy?: string;
  readonly months?: number;
  /** Of its certificate, hexadecimal. */
  readonly serial?: string;
}

export interface HeldKeysPlace {
  readonly store: KeyStore;
  readonly folder: string;
  readonly secrets: NodeSecrets;
  readonly nodeKey?: FollowedNodeKey;
  readonly hierarchy: Hierarchy;
}

const LOG_LABELS = ["ledger/checkpoint", "ledger/checkpoint-sm2", "ledger/checkpoint-hybrid"];
/** One after each restore of a backup: of more than these nobody asks. */
const WITNESS_LABELS = Array.from({ length: 16 }, (_, at) => `${WITNESS_LABEL}-${at + 1}`);
const LABELS: Readonly<Record<"log" | "directory" | "message" | "witness", readonly string[]>> = {
  log: LOG_LABELS,
  directory: ["directory/part", "directory/part-sm2"],
  message: ["exchange/message", "exchange/message-sm2"],
  witness: WITNESS_LABELS,
};
/** Half years back that are looked for. */
const HALF_YEARS = 6;

/** What there is now; makes none. */
export async function heldKeys(place: HeldKeysPlace, at: Temporal.Instant): Promise<readonly HeldKey[]> {
  const { store, secrets } = place;
  const held: HeldKey[] = [
    {
      ...{ label: "node-key", use: "node-key", algorithm: "aes-256", fingerprint: secrets.name, state: "active" },
      months: REPLACED_AFTER_MONTHS["node-key"],
    },
  ];
  const tls = await findTlsPublicKey(place);
  if (tls !== undefined) {
    held.push({
      ...{ label: "node-tls", use: "connection", algorithm: "p256", fingerprint: fingerprintOf(tls), state: "active" },
      months: REPLACED_AFTER_MONTHS.connection,
    });
  }
  for (const use of ["log", "directory", "message", "witness"] as const) {
    for (const label of LABELS[use]) {
      const known = await generations(store, label);
      for (const generation of known) {
        const state = generation === known.at(-1) ? "active" : "deactivated";
        held.push({ ...heldAs(generation), use, state, months: REPLACED_AFTER_MONTHS[use] });
      }
    }
  }
  return [...held, ...(await signInKeys(store, at)), ...(await authorityKeys(place, at))];
}

async function findHeld(
  store: KeyStore,
  label: string,
): Promise<Pick<HeldKey, "label" | "algorithm" | "fingerprint"> | undefined> {
  const found = await store.findKey(label);
  return found && heldAs({ label, key: found });
}

/** One for each half of a year, and where it was compromised others after it. */
async function signInKeys(store: KeyStore, at: Temporal.Instant): Promise<readonly HeldKey[]> {
  const now = at.toZonedDateTimeISO("UTC");
  const keys: HeldKey[] = [];
  for (let back = 0; back < HALF_YEARS; back += 1) {
    const half = now.subtract({ months: 6 * back });
    const end = half.month <= 6 ? `${half.year}-07-01` : `${half.year + 1}-01-01`;
    const known = await generations(store, halfYearLabel(half));
    for (const generation of known) {
      const state = back === 0 && generation === known.at(-1) ? "active" : "deactivated";
      keys.push({ ...heldAs(generation), use: "sign-in", state, replaceBy: `${end}T00:00:00Z` });
    }
  }
  return keys;
}

function heldAs({ label, key }: Generation): Pick<HeldKey, "label" | "algorithm" | "fingerprint"> {
  return { label, algorithm: key.algorithm, fingerprint: fingerprintOf(key.info) };
}

async function authorityKeys({ store, hierarchy }: HeldKeysPlace, at: Temporal.Instant): Promise<readonly HeldKey[]> {
  const keys: HeldKey[] = [];
  const seen = new Set<string>();
  for (const { suite, purpose, name, certificate, keyLabel } of hierarchy.authorities) {
    const isRoot = name.startsWith("root");
    const found = keyLabel === undefined ? undefined : await findHeld(store, keyLabel);
    if (found === undefined || keys.some(({ label }) => label === found.label)) continue;
    // The newest of a purpose issues; those before it answer for what they issued.
    const issues = isRoot || (purpose !== undefined && !seen.has(`${purpose} ${suite}`));
    seen.add(`${purpose} ${suite}`);
    const { notAfterMs, serial } = certificate;
    const isOver = notAfterMs <= at.epochMilliseconds;
    keys.push({
      ...found,
      use: isRoot ? "root" : "authority",
      state: issues && !isOver ? "active" : "deactivated",
      replaceBy: Temporal.Instant.fromEpochMilliseconds(notAfterMs).toString(),
      serial,
    });
  }
  return keys;
}
