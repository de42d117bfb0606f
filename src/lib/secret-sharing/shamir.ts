/**
 * Shamir's scheme over GF(2⁸), byte by byte: a secret is the value at 0 of polynomials of degree M − 1; any M shares give it, fewer say
 * nothing about it (A. Shamir, How to share a secret, 1979).
 */
import { invert, multiply } from "./field.ts";

export const SHARES_MAX = 16;
export const THRESHOLD_MIN = 2;
const SECRET_MAX_BYTES = 64;

/** One point of the polynomials: index 1 to 255. */
export interface Point {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export interface Splitting {
  /** How many shares are made, 2 to 16. */
  readonly count: number;
  /** How many give the secret, from 2 on. */
  readonly threshold: number;
}

/** How many random bytes `split` takes. */
export function randomBytesFor(secretBytes: number, { threshold }: Splitting): number {
  return secretBytes * (threshold - 1);
}

/**
 * Splits a secret.
 * @param randomness fresh bytes, as many as `randomBytesFor` says
 * @throws {RangeError} for numbers out of bounds
 */
export function split(secret: Uint8Array, splitting: Splitting, randomness: Uint8Array): readonly Point[] {
  const { count, threshold } = splitting;
  const fits = threshold >= THRESHOLD_MIN && threshold <= count && count <= SHARES_MAX;
  if (!fits || !Number.isInteger(count) || !Number.isInteger(threshold))
    throw new RangeError(`2 to ${SHARES_MAX} shares, of which 2 or more are needed`);
  if (secret.length === 0 || secret.length > SECRET_MAX_BYTES) throw new RangeError("a secret out of bounds");
  if (randomness.length !== randomBytesFor(secret.length, splitting)) throw new RangeError("too little randomness");
  return Array.from({ length: count }, (_, at) => {
    const index = at + 1;
    const bytes = secret.map((constant, place) => {
      let value = 0;
      // Horner's rule, from the highest coefficient.
      for (let degree = threshold - 1; degree >= 1; degree--) {
        const coefficient = randomness[(degree - 1) * secret.length + place] ?? 0;
        value = multiply(value ^ coefficient, index);
      }
      return value ^ constant;
    });
    return { index, bytes };
  });
}

/**
 * Gives what the points' polynomials have at 0. Whether these points belong together, nothing here says: see `shares.ts`.
 * @throws {RangeError} for an index that is none or stands twice, or for points of several sizes
 */
export function combine(points: readonly Point[]): Uint8Array {
  const [first] = points;
  const indexes = new Set(points.map(({ index }) => index));
  if (first === undefined || indexes.size !== points.length) throw new RangeError("no points, or one of them twice");
  for (const { index, bytes } of points) {
    if (!Number.isInteger(index) || index < 1 || index > 255 || bytes.length !== first.bytes.length)
      throw new RangeError("points that do not fit together");
  }
  const secret = new Uint8Array(first.bytes.length);
  for (const { index, bytes } of points) {
    let weight = 1;
    for (const { index: other } of points) {
      if (other !== index) weight = multiply(weight, multiply(other, invert(other ^ index)));
    }
    for (const [place, byte] of bytes.entries()) secret[place] = (secret[place] ?? 0) ^ multiply(weight, byte);
  }
  return secret;
}
