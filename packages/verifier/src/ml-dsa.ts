/** Verifies ML-DSA-65 signatures (FIPS 204, algorithms 3 and 8) with an empty context. Some ten milliseconds each. */
import { concat, same } from "./bytes.ts";
import { shake } from "./keccak.ts";

const Q = 8_380_417;
const DEGREE = 256;
const DROPPED_BITS = 13;
const CHALLENGE_BYTES = 48;
const CHALLENGE_WEIGHT = 49;
const ROWS = 6;
const COLUMNS = 5;
const GAMMA1 = 2 ** 19;
const GAMMA2 = (Q - 1) / 32;
const BETA = 196;
const HINTS_MAX = 55;
const HIGH_VALUES = 16;
const T1_BITS = 10;
const Z_BITS = 20;
const W1_BITS = 4;
const ROOT_OF_UNITY = 1_753;
const SEED_BYTES = 32;
const DIGEST_BYTES = 64;

export const ML_DSA_65_KEY_BYTES = SEED_BYTES + ROWS * ((DEGREE * T1_BITS) / 8);
export const ML_DSA_65_SIGNATURE_BYTES = CHALLENGE_BYTES + COLUMNS * ((DEGREE * Z_BITS) / 8) + HINTS_MAX + ROWS;

/** Coefficients, 0 … q − 1. Products of two stay below 2^53. */
type Polynomial = Float64Array;

const reduce = (value: number): number => ((value % Q) + Q) % Q;

/** Powers of the root of unity in the order in which the transform takes them (FIPS 204 appendix B). */
const ZETAS: readonly number[] = (() => {
  const powers = [1];
  for (let exponent = 1; exponent < DEGREE; exponent += 1)
    powers.push(((powers[exponent - 1] as number) * ROOT_OF_UNITY) % Q);
  const reversed = (index: number): number => {
    let bits = 0;
    for (let at = 0; at < 8; at += 1) bits |= ((index >> at) & 1) << (7 - at);
    return bits;
  };
  return Array.from({ length: DEGREE }, (_, index) => powers[reversed(index)] as number);
})();

export function mlDsa65Verifies(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== ML_DSA_65_KEY_BYTES || signature.length !== ML_DSA_65_SIGNATURE_BYTES) return false;
  const challenge = signature.subarray(0, CHALLENGE_BYTES);
  const zEnd = signature.length - HINTS_MAX - ROWS;
  const z = unpackMany(signature.subarray(CHALLENGE_BYTES, zEnd), COLUMNS, Z_BITS).map(aroundZero);
  const hints = unpackHints(signature.subarray(zEnd));
  if (hints === undefined || z.some(isTooLong)) return false;
  const keyDigest = shake(256, key).squeeze(DIGEST_BYTES);
  // No pre-hash, and a context of no bytes (algorithm 3, line 10).
  const digest = shake(256, keyDigest, Uint8Array.of(0, 0), message).squeeze(DIGEST_BYTES);
  const high = approximate(key, challenge, z).map((row, at) => useHints(row, hints[at] as Uint8Array));
  const expected = shake(256, digest, concat(...high.map(packHigh))).squeeze(CHALLENGE_BYTES);
  return same(expected, challenge);
}

/** A·z − c·t1·2^d. */
function approximate(key: Uint8Array, challenge: Uint8Array, z: readonly Polynomial[]): readonly Polynomial[] {
  const seed = key.subarray(0, SEED_BYTES);
  const t1 = unpackMany(key.subarray(SEED_BYTES), ROWS, T1_BITS);
  const transformed = z.map((part) => transform(part.map(reduce)));
  const c = transform(sampleInBall(challenge));
  return t1.map((part, row) => {
    const shifted = transform(part.map((value) => value * 2 ** DROPPED_BITS));
    const sum = shifted.map((value, at) => reduce(-(c[at] as number) * value));
    for (const [column, other] of transformed.entries()) {
      const a = uniform(seed, column, row);
      for (let at = 0; at < DEGREE; at += 1)
        sum[at] = ((sum[at] as number) + (a[at] as number) * (other[at] as number)) % Q;
    }
    return transformBack(sum);
  });
}

/** Algorithm 41. */
function transform(given: Polynomial): Polynomial {
  const w = given.slice();
  let zeta = 0;
  for (let length = DEGREE / 2; length >= 1; length /= 2) {
    for (let start = 0; start < DEGREE; start += 2 * length) {
      zeta += 1;
      for (let j = start; j < start + length; j += 1) {
        const t = ((ZETAS[zeta] as number) * (w[j + length] as number)) % Q;
        const own = w[j] as number;
        w[j + length] = reduce(own - t);
        w[j] = (own + t) % Q;
      }
    }
  }
  return w;
}

/** Algorithm 42. */
function transformBack(given: Polynomial): Polynomial {
  const w = given.slice();
  let zeta = DEGREE;
  for (let length = 1; length < DEGREE; length *= 2) {
    for (let start = 0; start < DEGREE; start += 2 * length) {
      zeta -= 1;
      for (let j = start; j < start + length; j += 1) {
        const own = w[j] as number;
        const other = w[j + length] as number;
        w[j] = (own + other) % Q;
        w[j + length] = reduce((Q - (ZETAS[zeta] as number)) * reduce(own - other));
      }
    }
  }
  // 256^-1 modulo q.
  return w.map((value) => (value * 8_347_681) % Q);
}

/** Algorithm 30: one polynomial of the matrix. */
function uniform(seed: Uint8Array, column: number, row: number): Polynomial {
  const source = shake(128, seed, Uint8Array.of(column, row));
  const values = new Float64Array(DEGREE);
  for (let count = 0; count < DEGREE; ) {
    const [low, middle, high] = source.squeeze(3) as unknown as [number, number, number];
    const value = ((high & 0x7f) << 16) | (middle << 8) | low;
    if (value < Q) {
      values[count] = value;
      count += 1;
    }
  }
  return values;
}

/** Algorithm 29. */
function sampleInBall(challenge: Uint8Array): Polynomial {
  const source = shake(256, challenge);
  const signs = source.squeeze(8);
  const c = new Float64Array(DEGREE);
  for (let i = DEGREE - CHALLENGE_WEIGHT; i < DEGREE; i += 1) {
    let j = DEGREE;
    while (j > i) j = source.squeeze(1)[0] as number;
    const bit = i + CHALLENGE_WEIGHT - DEGREE;
    c[i] = c[j] as number;
    c[j] = (((signs[bit >> 3] as number) >> (bit & 7)) & 1) === 1 ? Q - 1 : 1;
  }
  return c;
}

function unpackMany(bytes: Uint8Array, count: number, bits: number): Polynomial[] {
  const size = (DEGREE * bits) / 8;
  return Array.from({ length: count }, (_, at) => unpack(bytes.subarray(at * size, (at + 1) * size), bits));
}

/** Numbers of so many bits each, the lowest bit first (algorithm 18). */
function unpack(bytes: Uint8Array, bits: number): Polynomial {
  const values = new Float64Array(DEGREE);
  for (let at = 0; at < DEGREE; at += 1) {
    for (let bit = 0; bit < bits; bit += 1) {
      const position = at * bits + bit;
      const set = ((bytes[position >> 3] as number) >> (position & 7)) & 1;
      values[at] = (values[at] as number) + set * 2 ** bit;
    }
  }
  return values;
}

function aroundZero(packed: Polynomial): Polynomial {
  return packed.map((value) => GAMMA1 - value);
}

function isTooLong(z: Polynomial): boolean {
  return z.some((value) => Math.abs(value) >= GAMMA1 - BETA);
}

/** Algorithm 21; undefined for what is written in another way than the one. */
function unpackHints(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const rows: Uint8Array[] = [];
  let index = 0;
  for (let row = 0; row < ROWS; row += 1) {
    const end = bytes[HINTS_MAX + row] as number;
    if (end < index || end > HINTS_MAX) return undefined;
    const hints = new Uint8Array(DEGREE);
    for (let first = index; index < end; index += 1) {
      const place = bytes[index] as number;
      if (index > first && (bytes[index - 1] as number) >= place) return undefined;
      hints[place] = 1;
    }
    rows.push(hints);
  }
  return bytes.subarray(index, HINTS_MAX).every((byte) => byte === 0) ? rows : undefined;
}

/** Algorithms 36 and 40. */
function useHints(row: Polynomial, hints: Uint8Array): Polynomial {
  return row.map((value, at) => {
    let low = value % (2 * GAMMA2);
    if (low > GAMMA2) low -= 2 * GAMMA2;
    const isTop = value - low === Q - 1;
    const high = isTop ? 0 : (value - low) / (2 * GAMMA2);
    if (isTop) low -= 1;
    if (hints[at] === 0) return high;
    return (high + (low > 0 ? 1 : HIGH_VALUES - 1)) % HIGH_VALUES;
  });
}

/** Four bits each. */
function packHigh(row: Polynomial): Uint8Array {
  return Uint8Array.from(
    { length: (DEGREE * W1_BITS) / 8 },
    (_, at) => (row[2 * at] as number) | ((row[2 * at + 1] as number) << W1_BITS),
  );
}
