import { sha256 } from "../crypto/digest.ts";

/**
 * Where entries stand: a place of 16 bits that follows from the key alone, so that both sides agree on it and entries spread evenly,
 * whatever order their keys were made in. A range is all places that begin with the same bits.
 */
export const PLACE_BITS = 16;
/** A range is divided into this many at a time, as a power of two. */
export const FAN_OUT_BITS = 4;

/** The places whose first `bits` bits are `prefix`. */
export interface PlaceRange {
  readonly bits: number;
  readonly prefix: number;
}

export const WHOLE: PlaceRange = Object.freeze({ bits: 0, prefix: 0 });

/** The first two bytes of SHA-256 over the 16 bytes of a uuid, the first one first. */
export function placeOf(key: string): number {
  const [high = 0, low = 0] = sha256(Uint8Array.fromHex(key.replaceAll("-", "")));
  return high * 256 + low;
}

export function contains({ bits, prefix }: PlaceRange, place: number): boolean {
  return place >> (PLACE_BITS - bits) === prefix;
}

/** First place of a range, and the first behind it. */
export function boundsOf({ bits, prefix }: PlaceRange): { readonly from: number; readonly below: number } {
  const width = 2 ** (PLACE_BITS - bits);
  return { from: prefix * width, below: (prefix + 1) * width };
}

/** @param leafBits of the smallest ranges that are summarised; those are not divided */
export function divide(range: PlaceRange, leafBits: number): readonly PlaceRange[] {
  const more = Math.min(FAN_OUT_BITS, leafBits - range.bits);
  return Array.from({ length: 2 ** more }, (_, at) => ({
    bits: range.bits + more,
    prefix: range.prefix * 2 ** more + at,
  }));
}

/** Whether a range that somebody else named is one. */
export function isRange({ bits, prefix }: PlaceRange, leafBits: number): boolean {
  return (
    Number.isInteger(bits) &&
    Number.isInteger(prefix) &&
    bits >= 0 &&
    bits <= leafBits &&
    prefix >= 0 &&
    prefix < 2 ** bits
  );
}
