/**
 * What is told of a range: how many versions stand in it and the exclusive-or of their digests. It does not depend on their order, and one
 * that comes or goes changes it by its own digest alone. Exclusive-or is no defence against whoever chooses digests; they are therefore
 * taken under a salt that the two sides alone know.
 */
export interface Summary {
  readonly entries: number;
  /** 128 bits, not negative. */
  readonly fingerprint: bigint;
}

/** One version of one entry. An entry may have several at once, of different times. */
export interface Item {
  /** uuid, lower case */
  readonly key: string;
  /** 128 bits, not negative. */
  readonly digest: bigint;
}

export const EMPTY: Summary = Object.freeze({ entries: 0, fingerprint: 0n });
export const DIGEST_BITS = 128n;

/** Of two ranges that have nothing in common. */
export function joined(one: Summary, other: Summary): Summary {
  return { entries: one.entries + other.entries, fingerprint: one.fingerprint ^ other.fingerprint };
}

export function summaryOf(items: Iterable<Item>): Summary {
  let entries = 0;
  let fingerprint = 0n;
  for (const { digest } of items) {
    entries += 1;
    fingerprint ^= digest;
  }
  return { entries, fingerprint };
}

export function isSame(one: Summary, other: Summary): boolean {
  return one.entries === other.entries && one.fingerprint === other.fingerprint;
}
