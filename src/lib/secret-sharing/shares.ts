/**
 * Shares that tell whose they are: each names its ceremony, and a public record holds the digest of each, so that a wrong, foreign or
 * repeated share is named before anything is combined. The digests say nothing of the shares, which are random.
 */
import { concatBytes, equalBytes, utf8 } from "#lib/crypto/bytes";
import { sha256 } from "#lib/crypto/digest";
import { combine, type Point, randomBytesFor, type Splitting, split } from "./shamir.ts";

export const CEREMONY_ID_BYTES = 8;
export const SECRET_BYTES = 32;
const LABEL = utf8("zhengtong/share/1\0");

/** What a custodian holds. */
export interface Share extends Point, Splitting {
  /** Of which ceremony. */
  readonly ceremony: Uint8Array;
}

/** What everybody may know of a splitting. */
export interface ShareRecord extends Splitting {
  readonly ceremony: Uint8Array;
  /** The digest of each share, by its index − 1. */
  readonly commitments: readonly Uint8Array[];
}

/** Why a share does not count. */
export type ShareFault = "other-ceremony" | "wrong" | "duplicate";

export type Combined =
  | { readonly secret: Uint8Array }
  | {
      /** By the place at which each stood in what was given. */
      readonly faults: readonly { readonly at: number; readonly index: number; readonly fault: ShareFault }[];
      /** How many good shares are missing. */
      readonly missing: number;
    };

/** Splits a secret of 32 bytes. @param randomness as many bytes as `randomBytesFor(32, splitting)` says */
export function makeShares(
  secret: Uint8Array,
  { ceremony, count, threshold }: Splitting & { readonly ceremony: Uint8Array },
  randomness: Uint8Array,
): { readonly shares: readonly Share[]; readonly record: ShareRecord } {
  if (ceremony.length !== CEREMONY_ID_BYTES || secret.length !== SECRET_BYTES)
    throw new RangeError("a ceremony or a secret of another size");
  const shares = split(secret, { count, threshold }, randomness).map((point) => ({
    ...point,
    ...{ ceremony, count, threshold },
  }));
  return { shares, record: { ceremony, count, threshold, commitments: shares.map(commitmentOf) } };
}

/** How many random bytes `makeShares` takes. */
export function randomnessFor(splitting: Splitting): number {
  return randomBytesFor(SECRET_BYTES, splitting);
}

function commitmentOf({ ceremony, count, threshold, index, bytes }: Share): Uint8Array {
  return sha256(concatBytes(LABEL, ceremony, Uint8Array.of(count, threshold, index), bytes));
}

/** Combines shares, each of which the record knows. One share that is not good stops all: nothing is combined then. */
export function combineShares(shares: readonly Share[], record: ShareRecord): Combined {
  const seen = new Set<number>();
  const faults: { at: number; index: number; fault: ShareFault }[] = [];
  for (const [at, share] of shares.entries()) {
    const fault = faultOf(share, record) ?? (seen.has(share.index) ? "duplicate" : undefined);
    if (fault !== undefined) faults.push({ at, index: share.index, fault });
    else seen.add(share.index);
  }
  const missing = Math.max(0, record.threshold - seen.size);
  if (faults.length > 0 || missing > 0) return { faults, missing };
  return { secret: combine(shares.slice(0, record.threshold)) };
}

function faultOf(share: Share, record: ShareRecord): ShareFault | undefined {
  if (!equalBytes(share.ceremony, record.ceremony)) return "other-ceremony";
  const commitment = record.commitments[share.index - 1];
  return commitment !== undefined && equalBytes(commitmentOf(share), commitment) ? undefined : "wrong";
}
