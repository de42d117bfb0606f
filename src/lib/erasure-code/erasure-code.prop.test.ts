import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCKS_MAX, parityOf, recover } from "./erasure-code.ts";

const SHAPE = fc.record({ data: fc.integer({ min: 1, max: 12 }), parity: fc.integer({ min: 0, max: 6 }) });

test("any k of the k + m blocks give back the data", () => {
  fc.assert(
    fc.property(
      SHAPE.chain((shape) =>
        fc.record({
          shape: fc.constant(shape),
          blocks: fc.array(fc.uint8Array({ minLength: 9, maxLength: 9 }), {
            minLength: shape.data,
            maxLength: shape.data,
          }),
          order: fc.shuffledSubarray(
            Array.from({ length: shape.data + shape.parity }, (_, place) => place),
            { minLength: shape.parity, maxLength: shape.parity },
          ),
        }),
      ),
      ({ shape, blocks, order }) => {
        const all: (Uint8Array | undefined)[] = [...blocks, ...parityOf(shape, blocks)];
        for (const lost of order) all[lost] = undefined;
        assert.deepEqual(recover(shape, all), blocks);
      },
    ),
  );
});

test("one block too few gives nothing", () => {
  const shape = { data: 3, parity: 2 };
  const blocks = [1, 2, 3].map((value) => Uint8Array.of(value, value + 10));
  const all: (Uint8Array | undefined)[] = [...blocks, ...parityOf(shape, blocks)];
  for (const lost of [0, 2, 4]) all[lost] = undefined;
  assert.equal(recover(shape, all), undefined);
});

test("the largest code of the field works at its ends", () => {
  const shape = { data: 200, parity: BLOCKS_MAX - 200 };
  const blocks = Array.from({ length: shape.data }, (_, at) => Uint8Array.of(at, 255 - at, 7));
  const all: (Uint8Array | undefined)[] = [...blocks, ...parityOf(shape, blocks)];
  for (let lost = 0; lost < shape.parity; lost++) all[lost * 3] = undefined;
  assert.deepEqual(recover(shape, all), blocks);
});

test("a code that the field does not hold is refused", () => {
  for (const shape of [
    { data: 0, parity: 1 },
    { data: 250, parity: 6 },
    { data: 1.5, parity: 1 },
  ])
    assert.throws(() => parityOf(shape, []), RangeError);
  assert.throws(() => parityOf({ data: 2, parity: 1 }, [new Uint8Array(3), new Uint8Array(4)]), RangeError);
  assert.throws(() => recover({ data: 2, parity: 1 }, [new Uint8Array(3)]), RangeError);
});
