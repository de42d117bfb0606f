/**
 * Forward error correction over what may be lost: a systematic Reed–Solomon code over GF(2⁸) with a Cauchy matrix (Blömer, Kalfane, Karp,
 * Karpinski, Luby and Zuckerman, "An XOR-based erasure-resilient coding scheme", ICSI TR-95-048). Of k data blocks and m parity blocks any k
 * give back all: every square part of a Cauchy matrix can be inverted.
 */
import { invert, multiply } from "#lib/secret-sharing/field";

/** Blocks of one stripe, data and parity together: the field has no more elements. */
export const BLOCKS_MAX = 255;

export interface CodeShape {
  /** k: blocks that carry data. */
  readonly data: number;
  /** m: blocks that may be lost. */
  readonly parity: number;
}

let products: Uint8Array | undefined;

/** Row `a` holds a·0 … a·255. What is encoded is ciphertext: the table's memory accesses tell nothing that must stay secret. */
function productsOf(factor: number): Uint8Array {
  if (products === undefined) {
    products = new Uint8Array(65_536);
    for (let one = 0; one < 256; one++)
      for (let other = 0; other < 256; other++) products[(one << 8) | other] = multiply(one, other);
  }
  return products.subarray(factor << 8, (factor + 1) << 8);
}

function checkShape({ data, parity }: CodeShape): void {
  const fits = Number.isInteger(data) && Number.isInteger(parity) && data >= 1 && parity >= 0;
  if (!fits || data + parity > BLOCKS_MAX) throw new RangeError(`no code of ${data} and ${parity} blocks`);
}

/** 1 / (x ⊕ y), where rows and columns have elements of their own. */
function cauchy(row: number, column: number): number {
  return invert(row ^ column);
}

/** The row of the generator matrix that makes a block: the identity for data, Cauchy's for parity. */
function rowOf(shape: CodeShape, block: number): Uint8Array {
  const row = new Uint8Array(shape.data);
  if (block < shape.data) row[block] = 1;
  else for (let column = 0; column < shape.data; column++) row[column] = cauchy(block, column);
  return row;
}

/** target ⊕= factor · source */
function addProduct(target: Uint8Array, factor: number, source: Uint8Array): void {
  if (factor === 0) return;
  const table = productsOf(factor);
  for (let at = 0; at < target.length; at++) {
    target[at] = (target[at] as number) ^ (table[source[at] as number] as number);
  }
}

/**
 * The parity blocks of one stripe.
 * @param data k blocks of one size
 * @throws {RangeError} for another number of blocks, or of different sizes
 */
export function parityOf(shape: CodeShape, data: readonly Uint8Array[]): readonly Uint8Array[] {
  checkShape(shape);
  const size = data[0]?.length ?? 0;
  if (data.length !== shape.data || data.some((block) => block.length !== size))
    throw new RangeError("a stripe has k blocks of one size");
  return Array.from({ length: shape.parity }, (_, index) => {
    const parity = new Uint8Array(size);
    const row = rowOf(shape, shape.data + index);
    for (const [column, block] of data.entries()) addProduct(parity, row[column] ?? 0, block);
    return parity;
  });
}

/**
 * The k data blocks of a stripe from any k of its blocks.
 * @param blocks by place; undefined where one was lost. Which blocks are damaged is for the caller to know: this finds erasures, not errors
 * @returns undefined where fewer than k are there
 */
export function recover(
  shape: CodeShape,
  blocks: readonly (Uint8Array | undefined)[],
): readonly Uint8Array[] | undefined {
  checkShape(shape);
  if (blocks.length !== shape.data + shape.parity) throw new RangeError("a stripe has k + m places");
  const data = blocks.slice(0, shape.data);
  if (data.every((block) => block !== undefined)) return data;
  const known = [...blocks.entries()].filter(([, block]) => block !== undefined).slice(0, shape.data);
  if (known.length < shape.data) return undefined;
  const size = known[0]?.[1]?.length ?? 0;
  if (known.some(([, block]) => block?.length !== size)) throw new RangeError("blocks of a stripe have one size");
  const inverse = inverted(known.map(([place]) => rowOf(shape, place)));
  return data.map((block, place) => {
    if (block !== undefined) return block;
    const found = new Uint8Array(size);
    for (const [column, [, source]] of known.entries()) {
      if (source !== undefined) addProduct(found, inverse[place]?.[column] ?? 0, source);
    }
    return found;
  });
}

/** Gauss and Jordan over the field; the matrix is known to have an inverse. */
function inverted(matrix: readonly Uint8Array[]): readonly Uint8Array[] {
  const size = matrix.length;
  const rows = matrix.map((row, index) => {
    const wide = new Uint8Array(2 * size);
    wide.set(row);
    wide[size + index] = 1;
    return wide;
  });
  for (let column = 0; column < size; column++) {
    const pivot = rows.findIndex((row, index) => index >= column && row[column] !== 0);
    const chosen = rows[pivot];
    const current = rows[column];
    if (chosen === undefined || current === undefined) throw new RangeError("a singular matrix");
    rows[pivot] = current;
    rows[column] = chosen;
    const scaled = productsOf(invert(chosen[column] ?? 0));
    for (let at = 0; at < chosen.length; at++) chosen[at] = scaled[chosen[at] as number] as number;
    for (const [index, row] of rows.entries()) {
      if (index !== column) addProduct(row, row[column] ?? 0, chosen);
    }
  }
  return rows.map((row) => row.subarray(size));
}
