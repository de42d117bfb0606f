/**
 * The curve of SM2 (GB/T 32918.5) and the three multiplications that its algorithms need.
 *
 * The nonce of a signature and a new private key multiply the base point inside Node's core: OpenSSL's ladder for
 * curves without code of their own runs in a time that does not depend on the scalar, which no arithmetic written in
 * JavaScript can promise, and it is as fast. The others use the audited arithmetic of @noble/curves: decryption in its
 * even sequence of steps, verification (public scalars) with tables of multiples for the base point and for keys that
 * are met often.
 */
import { createECDH } from "node:crypto";
import { type WeierstrassOpts, type WeierstrassPoint, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { concatBytes } from "../bytes.ts";

/** GB/T 32918.5 §2: y² = x³ + ax + b over the field of p, a subgroup of prime order n, cofactor 1. */
export const SM2_CURVE: WeierstrassOpts<bigint> = Object.freeze({
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
});

export const SM2_SCALAR_BYTES = 32;
/** 04 ‖ x ‖ y */
export const SM2_POINT_BYTES = 65;
const UNCOMPRESSED = 0x04;
const OPENSSL_NAME = "SM2";

/** A point that is not infinity. */
export interface AffinePoint {
  readonly x: bigint;
  readonly y: bigint;
}

type Point = WeierstrassPoint<bigint>;

/** The arithmetic would blind scalars with randomness of its own; here all randomness comes from the caller. */
const noRandomness = (): never => {
  throw new Error("randomness comes from the caller");
};
const Points = weierstrass(SM2_CURVE, { randomBytes: noRandomness });
/**
 * Tables of 2^(w-1) multiples for each window of w bits: no doubling is left to do. The base point's is made at the
 * first verification, in 50 ms. Windows of 8 bits for a key would save a tenth of a verification, for three times the
 * work and four times the memory.
 */
const BASE_WINDOW_BITS = 8;
const KEY_WINDOW_BITS = 6;
Points.BASE.precompute(BASE_WINDOW_BITS);

/** The value of big-endian bytes. */
export function toScalar(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toHex() || "0"}`);
}

/** 32 big-endian bytes. */
export function scalarBytes(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(2 * SM2_SCALAR_BYTES, "0"));
}

/** 04 ‖ x ‖ y (GB/T 32918.1 §4.2.9). */
export function pointBytes({ x, y }: AffinePoint): Uint8Array {
  return concatBytes(Uint8Array.of(UNCOMPRESSED), scalarBytes(x), scalarBytes(y));
}

/**
 * Reads 04 ‖ x ‖ y. Compressed and hybrid forms are not read: GM/T 0009 writes keys and ciphertexts uncompressed, and
 * a key has one spelling.
 * @returns undefined when the bytes are no such point, or the point is not on the curve
 */
export function readPoint(bytes: Uint8Array): AffinePoint | undefined {
  if (bytes.length !== SM2_POINT_BYTES || bytes[0] !== UNCOMPRESSED) return undefined;
  const point = {
    x: toScalar(bytes.subarray(1, 1 + SM2_SCALAR_BYTES)),
    y: toScalar(bytes.subarray(1 + SM2_SCALAR_BYTES)),
  };
  return isOnCurve(point) ? point : undefined;
}

/**
 * Whether both coordinates are of the field and satisfy the equation. The cofactor is 1, so no subgroup has to be
 * checked.
 */
export function isOnCurve({ x, y }: AffinePoint): boolean {
  const { p, a, b } = SM2_CURVE;
  if (x < 0n || x >= p || y < 0n || y >= p) return false;
  return (y * y - (x * x + a) * x - b) % p === 0n;
}

/** The remainder that is not negative. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/**
 * The inverse of a value modulo a prime. Its time depends on the value: blind what is secret.
 * @throws {RangeError} for zero
 */
export function invert(value: bigint, prime: bigint): bigint {
  let [low, high] = [modulo(value, prime), prime];
  if (low === 0n) throw new RangeError("zero has no inverse");
  let [x, y] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [x, y] = [y - quotient * x, x];
  }
  return modulo(x, prime);
}

/**
 * scalar · G, for a secret scalar.
 * @param scalar 1 … n − 1
 */
export function multiplyBase(scalar: bigint): AffinePoint {
  const exchange = createECDH(OPENSSL_NAME);
  exchange.setPrivateKey(scalarBytes(scalar));
  const bytes = exchange.getPublicKey();
  return checked({
    x: toScalar(bytes.subarray(1, 1 + SM2_SCALAR_BYTES)),
    y: toScalar(bytes.subarray(1 + SM2_SCALAR_BYTES)),
  });
}

/** A secret scalar times a point. */
export interface SecretProduct {
  /** 1 … n − 1 */
  readonly scalar: bigint;
  /** On the curve. */
  readonly point: AffinePoint;
  /**
   * 1 … p − 1, unknown to others: the point is written with it, so that no value on the way can be predicted from
   * outside.
   */
  readonly blinding: bigint;
}

/**
 * scalar · point, for a secret scalar. OpenSSL gives no such product for this curve through Node, so @noble/curves
 * multiplies in a sequence of steps that is the same for all scalars; each step takes as long as JavaScript's big
 * integers take.
 */
export function multiplySecret({ scalar, point, blinding }: SecretProduct): AffinePoint {
  const { p } = SM2_CURVE;
  const { x, y } = checked(point);
  const blinded = new Points(modulo(x * blinding, p), modulo(y * blinding, p), blinding);
  return checked(blinded.multiply(scalar).toAffine());
}

/** A fault of the machine in the middle of a multiplication would otherwise give a secret away. */
function checked(point: AffinePoint): AffinePoint {
  if (!isOnCurve(point)) throw new Error("a product that is not on the curve");
  return point;
}

/** How many points are remembered, and of how many multiples are held (about ¼ MiB each). */
const POINTS_MAX = 1_024;
const TABLES_MAX = 128;
/** Making a table costs as much as it saves in about so many verifications. */
const USES_BEFORE_TABLE = 16;

interface MetPoint {
  readonly point: Point;
  uses: number;
}

/** Points by their bytes; the least recently met are forgotten first. */
const met = new Map<string, MetPoint>();
const tables = new Map<string, MetPoint>();

/**
 * Makes a table for a point that will be met often, such as the key of an issuer or a log. Takes some 15 ms; without it
 * the table is made when the point was met 16 times.
 */
export function prepareMultiples(point: AffinePoint): void {
  const hex = pointBytes(point).toHex();
  const known = tables.get(hex) ?? met.get(hex) ?? { point: Points.fromAffine(point), uses: 0 };
  if (!tables.has(hex)) makeTable(hex, known);
}

/**
 * The point u·G + v·Q in homogeneous coordinates (its abscissa is X / Z), or undefined for infinity. For public
 * scalars alone.
 * @param encoded Q as 04 ‖ x ‖ y, on the curve
 */
export function combineUnsafe(
  u: bigint,
  v: bigint,
  encoded: Uint8Array,
): { readonly X: bigint; readonly Z: bigint } | undefined {
  const sum = Points.BASE.multiplyUnsafe(u).add(metPoint(encoded).multiplyUnsafe(v));
  return sum.is0() ? undefined : sum;
}

function metPoint(encoded: Uint8Array): Point {
  const hex = encoded.toHex();
  const tabled = tables.get(hex);
  if (tabled !== undefined) {
    keepRecent(tables, hex, tabled, TABLES_MAX);
    return tabled.point;
  }
  const known = met.get(hex) ?? { point: Points.fromHex(hex), uses: 0 };
  known.uses += 1;
  if (known.uses > USES_BEFORE_TABLE) makeTable(hex, known);
  else keepRecent(met, hex, known, POINTS_MAX);
  return known.point;
}

function makeTable(hex: string, known: MetPoint): void {
  met.delete(hex);
  known.point.precompute(KEY_WINDOW_BITS, false);
  keepRecent(tables, hex, known, TABLES_MAX);
}

function keepRecent(map: Map<string, MetPoint>, hex: string, one: MetPoint, max: number): void {
  map.delete(hex);
  map.set(hex, one);
  const oldest = map.keys().next();
  if (map.size > max && oldest.done !== true) map.delete(oldest.value);
}
