/**
 * Verifies SM2 signatures (GB/T 32918.2 §7 on the curve of GB/T 32918.5) with SM3 and the default identity of GM/T 0009. Big integers and
 * Jacobian coordinates: slow, a few milliseconds each, and without secrets.
 */
import { concat, hex, utf8 } from "./bytes.ts";
import { sm3 } from "./sm3.ts";

const P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn;
const B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n;
const N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
const G = {
  x: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  y: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;
const A = P - 3n;
const BITS = 256;
const COORDINATE_BYTES = 32;
export const SM2_POINT_BYTES = 65;
export const SM2_SIGNATURE_BYTES = 64;
const UNCOMPRESSED = 4;
const IDENTITY = utf8("1234567812345678");

interface Affine {
  readonly x: bigint;
  readonly y: bigint;
}

/** Infinity where z is 0. */
interface Jacobian extends Affine {
  readonly z: bigint;
}

const INFINITY: Jacobian = { x: 1n, y: 1n, z: 0n };
const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;
const field = (value: bigint): bigint => modulo(value, P);
const number = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes)}`);

/** Whether it is an uncompressed point on the curve: anything else is no key. */
export function isSm2Point(raw: Uint8Array): boolean {
  if (raw.length !== SM2_POINT_BYTES || raw[0] !== UNCOMPRESSED) return false;
  const { x, y } = pointOf(raw);
  return x < P && y < P && field(y * y - x * x * x - A * x - B) === 0n;
}

/** @param point 04 ‖ x ‖ y, on the curve @param signature r ‖ s */
export function sm2Verifies(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SM2_SIGNATURE_BYTES) return false;
  const r = number(signature.subarray(0, COORDINATE_BYTES));
  const s = number(signature.subarray(COORDINATE_BYTES));
  if (r === 0n || r >= N || s === 0n || s >= N) return false;
  const t = (r + s) % N;
  if (t === 0n) return false;
  const x = abscissaOf(joint(s, t, pointOf(point)));
  return x !== undefined && (number(sm3(identityDigest(point), message)) + x) % N === r;
}

/** Z of GB/T 32918.2 §5.5: identity, curve and key. */
function identityDigest(point: Uint8Array): Uint8Array {
  const bits = IDENTITY.length * 8;
  const curve = [A, B, G.x, G.y].map(coordinate);
  return sm3(Uint8Array.of(bits >> 8, bits & 0xff), IDENTITY, concat(...curve), point.subarray(1));
}

function coordinate(value: bigint): Uint8Array {
  const bytes = new Uint8Array(COORDINATE_BYTES);
  for (let at = COORDINATE_BYTES - 1, rest = value; at >= 0; at -= 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}

function pointOf(raw: Uint8Array): Affine {
  return { x: number(raw.subarray(1, 1 + COORDINATE_BYTES)), y: number(raw.subarray(1 + COORDINATE_BYTES)) };
}

/** s · G + t · point, both in one pass. */
function joint(s: bigint, t: bigint, point: Affine): Jacobian {
  const other = { ...point, z: 1n };
  const base = { ...G, z: 1n };
  const both = add(base, other);
  let sum = INFINITY;
  for (let bit = BigInt(BITS - 1); bit >= 0n; bit -= 1n) {
    sum = double(sum);
    const [first, second] = [(s >> bit) & 1n, (t >> bit) & 1n];
    if (first === 1n && second === 1n) sum = add(sum, both);
    else if (first === 1n) sum = add(sum, base);
    else if (second === 1n) sum = add(sum, other);
  }
  return sum;
}

/** dbl-2001-b of the Explicit-Formulas Database, for a = -3. */
function double({ x, y, z }: Jacobian): Jacobian {
  if (z === 0n || y === 0n) return INFINITY;
  const delta = field(z * z);
  const gamma = field(y * y);
  const beta = field(x * gamma);
  const alpha = field(3n * (x - delta) * (x + delta));
  const newX = field(alpha * alpha - 8n * beta);
  return {
    x: newX,
    y: field(alpha * (4n * beta - newX) - 8n * gamma * gamma),
    z: field((y + z) * (y + z) - gamma - delta),
  };
}

/** add-1998-cmo-2 of the same. */
function add(one: Jacobian, other: Jacobian): Jacobian {
  if (one.z === 0n) return other;
  if (other.z === 0n) return one;
  const [z1, z2] = [field(one.z * one.z), field(other.z * other.z)];
  const [u1, u2] = [field(one.x * z2), field(other.x * z1)];
  const [s1, s2] = [field(one.y * other.z * z2), field(other.y * one.z * z1)];
  const h = field(u2 - u1);
  const r = field(s2 - s1);
  if (h === 0n) return r === 0n ? double(one) : INFINITY;
  const square = field(h * h);
  const cube = field(h * square);
  const v = field(u1 * square);
  const x = field(r * r - cube - 2n * v);
  return { x, y: field(r * (v - x) - s1 * cube), z: field(h * one.z * other.z) };
}

function abscissaOf({ x, z }: Jacobian): bigint | undefined {
  if (z === 0n) return undefined;
  const inverse = power(z, P - 2n);
  return field(x * inverse * inverse);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = field(square * square))
    if ((rest & 1n) === 1n) result = field(result * square);
  return result;
}
