import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sampleIndexes, typeDraws } from "./sample.ts";

const wanted = fc.record({
  seed: fc.string({ maxLength: 20 }),
  size: fc.integer({ min: 1, max: 5_000 }),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  count: fc.integer({ min: 1, max: 200 }),
  strata: fc.integer({ min: 1, max: 12 }),
});

test("a sample has as many entries as were asked for, each once, within the log, and is the same each time", () => {
  fc.assert(
    fc.property(wanted, (sample) => {
      const drawn = sampleIndexes(sample);
      assert.equal(new Set(drawn).size, drawn.length);
      assert.ok(drawn.every((index) => index >= 0 && index < sample.size));
      assert.ok(drawn.length <= sample.count);
      if (sample.size >= 50 * sample.count) assert.equal(drawn.length, sample.count);
      assert.deepEqual(sampleIndexes(sample), drawn);
    }),
    { numRuns: 50 },
  );
});

test("each part of the log gives its share, and another checkpoint gives another sample", () => {
  const sample = { seed: "2026-06", size: 10_000, root: new Uint8Array(32).fill(7), count: 40, strata: 4 };
  const drawn = sampleIndexes(sample);
  for (const part of [0, 1, 2, 3]) assert.equal(drawn.filter((index) => Math.floor(index / 2_500) === part).length, 10);
  assert.notDeepEqual(sampleIndexes({ ...sample, root: new Uint8Array(32).fill(8) }), drawn);
  // By hand, so that another implementation can compare.
  assert.deepEqual(sampleIndexes({ ...sample, count: 3, strata: 1 }), BY_HAND);
});

/** `printf` of the root's 32 bytes of 07 and "zhengtong-sample/1\n2026-06\n0\nN", through sha256sum, the first 12 digits modulo 10,000. */
const BY_HAND = [3282, 4533, 8197];

test("draws for a type lie within the log, each once, are the same each time, and others for another type", () => {
  fc.assert(
    fc.property(wanted, fc.constantFrom("seal", "key"), (sample, type) => {
      const draws = typeDraws(sample, type);
      assert.equal(new Set(draws).size, draws.length);
      assert.ok(draws.every((index) => index >= 0 && index < sample.size));
      assert.deepEqual(typeDraws(sample, type), draws);
    }),
    { numRuns: 30 },
  );
  const sample = { seed: "2026-06", size: 10_000, root: new Uint8Array(32).fill(7) };
  assert.notDeepEqual(typeDraws(sample, "seal"), typeDraws(sample, "key"));
});
