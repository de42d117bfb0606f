import type { z } from "zod";
import type { Citation } from "../contract/citation.ts";
import type { ObjectSchema } from "../contract/contract.ts";

/** Where a version of an entry comes from. */
export interface Provenance {
  readonly authority: string;
  readonly legalBasis: readonly Citation[];
  readonly caseId?: string | undefined;
  /** The act that wrote it; the ledger's entry names it. */
  readonly actId: string;
}

/** One version of one entry. Times are ISO 8601 UTC; an open end is undefined. */
export interface Entry<V> {
  readonly key: string;
  readonly value: V;
  readonly validFrom: string;
  readonly validTo: string | undefined;
  readonly recordedFrom: string;
  readonly recordedTo: string | undefined;
  readonly provenance: Provenance;
}

/** One page of a list, by keyset. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Give it back to have what follows; undefined on the last page. */
  readonly next: string | undefined;
}

/** True in the world at `asOf`, as it was known to us at `asKnownAt`; both ISO 8601, default now. */
export interface AsOf {
  readonly asOf?: string;
  readonly asKnownAt?: string;
}

/** The most entries that one page has. */
export const MAX_PAGE_ENTRIES = 200;

type Lookup<V> = { readonly [K in keyof V]?: V[K] };

/**
 * A room's own register, inside one act. Reads are noted for the ledger by themselves. Writes join the act's unit of work.
 * Valid time is when something is true in the world; recorded time is when we knew it.
 */
export interface RegisterHandle<S extends ObjectSchema, V = z.output<S>> {
  get(key: string, at?: AsOf): Promise<Entry<V> | undefined>;
  /** The same, and holds the entry against other writers until the act ends. */
  lock(key: string): Promise<Entry<V> | undefined>;
  /** Entries whose attributes marked `lookup: "exact" | "unique"` equal the given ones. */
  find(
    where: Lookup<V>,
    options?: { readonly limit?: number; readonly after?: string } & AsOf,
  ): Promise<Page<Entry<V>>>;
  /** Entries whose attribute marked `lookup: "name"` has all the words or characters of `name`; in the order of the stored sort key. */
  search(name: string, options?: { readonly limit?: number; readonly after?: string }): Promise<Page<Entry<V>>>;
  /** Writes what is true from `validFrom` on (default now). Without `key`, a new entry with a key of its own. Returns the key. */
  put(value: z.input<S>, options?: { readonly key?: string; readonly validFrom?: string }): Promise<string>;
  /** Says that what we recorded was wrong: replaces the value over the valid time of the version at `asOf`. */
  correct(key: string, value: z.input<S>, options?: { readonly asOf?: string }): Promise<void>;
  /** Ends an entry at `validTo` (default now). */
  retire(key: string, options?: { readonly validTo?: string }): Promise<void>;
  /** All versions, oldest recorded first, current and superseded. */
  history(key: string): Promise<readonly Entry<V>[]>;
}
