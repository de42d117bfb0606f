import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { ReceivedVersion } from "../parcel.ts";
import { judge } from "./write-versions.ts";

const KEY = "00000000-0000-4000-8000-000000000001";

function version(digest: number, from: number, to: number | undefined, recorded: number): ReceivedVersion {
  return {
    ...{ key: KEY, validFrom: from, validTo: to, recordedFrom: recorded, authority: "a", legalBasis: "00".repeat(16) },
    ...{ actId: "1", division: "", digest: Buffer.alloc(16, digest), value: {} },
  };
}

function standing(one: ReceivedVersion) {
  const { key, validFrom, validTo, recordedFrom, digest } = one;
  return { key, digest, valid_from: validFrom, valid_to: validTo ?? null, recorded_from: recordedFrom };
}

const first = (of: Buffer) => of[0];

describe("what becomes of versions that come", () => {
  test("new ones come in, the same again does not", () => {
    const one = version(1, 0, undefined, 5);
    assert.deepEqual(judge([one], []).come, [one]);
    const again = judge([one, one], [standing(one)]);
    assert.deepEqual([again.come, again.giveWay, again.duplicates], [[], [], 2]);
  });

  test("a late one gives way to what was recorded later for the same time", () => {
    const [old, now] = [version(1, 0, undefined, 5), version(2, 3, undefined, 9)];
    const judged = judge([old], [standing(now)]);
    assert.deepEqual([judged.come, judged.giveWay, judged.late], [[], [], 1]);
    const other = judge([now], [standing(old)]);
    assert.deepEqual([other.come.length, other.giveWay.map(({ digest }) => first(digest))], [1, [1]]);
  });

  test("those of another time stand beside it", () => {
    const [before, now] = [version(1, 0, 3, 5), version(2, 3, undefined, 5)];
    const judged = judge([before], [standing(now)]);
    assert.deepEqual([judged.come, judged.giveWay, judged.conflicts], [[before], [], 0]);
  });

  test("two that the source recorded at once are a conflict: what it says now stands", () => {
    const [one, other] = [version(1, 0, undefined, 5), version(2, 1, undefined, 5)];
    const judged = judge([other], [standing(one)]);
    assert.deepEqual([judged.come, judged.giveWay.length, judged.conflicts], [[other], 1, 1]);
  });

  test("whatever the order in which they come, the same stands in the end", () => {
    const versions = fc.uniqueArray(
      fc.record({ from: fc.nat(6), length: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }) }),
      { maxLength: 8, selector: (each) => JSON.stringify(each) },
    );
    fc.assert(
      fc.property(versions, fc.infiniteStream(fc.nat()), (drawn, chance) => {
        const all = drawn.map(({ from, length }, at) =>
          version(at + 1, from, length === undefined ? undefined : from + length, at + 1),
        );
        const shuffled = [...all];
        for (let at = shuffled.length - 1; at > 0; at--) {
          const other = (chance.next().value as number) % (at + 1);
          [shuffled[at], shuffled[other]] = [shuffled[other] as ReceivedVersion, shuffled[at] as ReceivedVersion];
        }
        const newest = all.at(-1);
        for (const order of [all, shuffled]) {
          const { come } = judge(order, []);
          // What was recorded last stands, and nothing stands twice for one time.
          if (newest !== undefined) assert.ok(come.includes(newest));
          for (const one of come) {
            for (const other of come) {
              const overlap =
                one !== other &&
                (other.validTo === undefined || one.validFrom < other.validTo) &&
                (one.validTo === undefined || other.validFrom < one.validTo);
              assert.ok(!overlap);
            }
          }
        }
      }),
    );
  });
});
