/** Keys that follow one another for the same use: `exchange/message`, `exchange/message.2`, … */
import { createHash } from "node:crypto";
import { assert } from "#kernel/errors/fault";
import type { KeyAlgorithm, KeyStore, PublicKey } from "./key-store.ts";

/** Of one use, in the life of a node. Each needs two officials, or a year. */
const GENERATIONS_MAX = 100;

export interface Generation {
  readonly label: string;
  readonly key: PublicKey;
}

/** @param generation counts from one */
export function generationLabel(first: string, generation: number): string {
  assert(generation <= GENERATIONS_MAX, "a use of keys has so many generations at most");
  return generation === 1 ? first : `${first}.${generation}`;
}

/** Those that there are, the oldest first; makes none. */
export async function generations(store: KeyStore, first: string): Promise<readonly Generation[]> {
  const found: Generation[] = [];
  while (found.length < GENERATIONS_MAX) {
    const label = generationLabel(first, found.length + 1);
    const key = await store.findKey(label);
    if (key === undefined) break;
    found.push({ label, key });
  }
  return found;
}

/**
 * The newest, where it is not compromised; else the next one, which is made: two processes that make it get the same.
 * @param compromised fingerprints
 */
export async function generationInUse(
  store: KeyStore,
  { label, algorithm }: { readonly label: string; readonly algorithm: KeyAlgorithm },
  compromised: ReadonlySet<string>,
): Promise<Generation> {
  const known = await generations(store, label);
  const last = known.at(-1);
  if (last !== undefined && !compromised.has(fingerprintOf(last.key.info))) return last;
  const next = generationLabel(label, known.length + 1);
  return { label: next, key: await store.ensureKey(next, algorithm) };
}

/** SHA-256 of a public half, hexadecimal: how the register knows a key. */
export function fingerprintOf(info: Uint8Array): string {
  return createHash("sha256").update(info).digest("hex");
}
