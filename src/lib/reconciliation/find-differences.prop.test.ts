import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  findDifferences,
  ITEMS_MAX,
  isBehind,
  RANGES_MAX,
  ReconciliationError,
  type ReconciliationProblem,
  type Side,
} from "./find-differences.ts";
import { boundsOf, contains, isRange, type PlaceRange, placeOf, WHOLE } from "./range.ts";
import { type Item, summaryOf } from "./summary.ts";

const LEAF_BITS = 16;

function sorted(items: readonly Item[]): readonly Item[] {
  return [...items].sort((one, other) => (isBehind(one, other) ? 1 : -1));
}

function inRanges(ranges: readonly PlaceRange[], { key }: Item): boolean {
  const place = placeOf(key);
  return ranges.some((range) => contains(range, place));
}

/** A set in memory. */
function sideOf(items: readonly Item[], leafBits = LEAF_BITS): Side {
  const all = sorted(items);
  return {
    async summaries(ranges) {
      assert.ok(ranges.length <= RANGES_MAX);
      assert.ok(ranges.every((range) => isRange(range, leafBits)));
      return ranges.map((range) => summaryOf(all.filter((item) => inRanges([range], item))));
    },
    async items(ranges, after) {
      const behind = all.filter((item) => inRanges(ranges, item) && (after === undefined || isBehind(item, after)));
      return { items: behind.slice(0, ITEMS_MAX), more: behind.length > ITEMS_MAX };
    },
  };
}

const digest = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n });
const item = fc.record({ key: fc.uuid(), digest });
const nameOf = ({ key, digest: of }: Item) => `${key} ${of}`;
const set = fc.uniqueArray(item, { selector: nameOf, maxLength: 300 });

function naive(ours: readonly Item[], theirs: readonly Item[]): { missing: string[]; surplus: string[] } {
  const [have, want] = [new Set(ours.map(nameOf)), new Set(theirs.map(nameOf))];
  return {
    missing: [...want].filter((name) => !have.has(name)).sort(),
    surplus: [...have].filter((name) => !want.has(name)).sort(),
  };
}

describe("differences of two sets", () => {
  test("are those that comparing everything finds", async () => {
    await fc.assert(
      fc.asyncProperty(set, set, set, fc.integer({ min: 1, max: 16 }), async (both, one, other, leafBits) => {
        const unique = (items: readonly Item[]) => [...new Map(items.map((each) => [nameOf(each), each])).values()];
        const [ours, theirs] = [unique([...both, ...one]), unique([...both, ...other])];
        const found = await findDifferences(sideOf(ours, leafBits), sideOf(theirs, leafBits), { leafBits });
        assert.deepEqual(
          { missing: found.missing.map(nameOf).sort(), surplus: found.surplus.map(nameOf).sort() },
          naive(ours, theirs),
        );
      }),
      { numRuns: 60 },
    );
  });

  test("of equal sets cost one summary", async () => {
    const items = many(500);
    const { asked, missing, surplus } = await findDifferences(sideOf(items), sideOf(items), { leafBits: LEAF_BITS });
    assert.deepEqual([missing, surplus, asked], [[], [], { questions: 1, summaries: 1, items: 0 }]);
  });

  test("one changed version among thousands is found with few questions", async () => {
    const theirs = many(3_000);
    const ours = theirs.map((each, at) => (at === 1_234 ? { ...each, digest: each.digest ^ 1n } : each));
    const found = await findDifferences(sideOf(ours), sideOf(theirs), { leafBits: LEAF_BITS });
    assert.deepEqual(found.missing, [theirs[1_234]]);
    assert.deepEqual(found.surplus, [ours[1_234]]);
    assert.ok(found.asked.questions <= 6, `${found.asked.questions} questions`);
    assert.ok(found.asked.summaries <= 65 && found.asked.items <= 64);
  });

  test("a leaf with more versions than an answer has is read in pages", async () => {
    const theirs = many(ITEMS_MAX + 500);
    const found = await findDifferences(sideOf(theirs.slice(1), 0), sideOf(theirs, 0), { leafBits: 0 });
    assert.deepEqual(found.missing, [theirs[0]]);
  });
});

describe("another side that does not tell the truth", () => {
  const truth = many(600);
  const ours = sideOf(truth.slice(3));
  const fails = async (lying: Partial<Side>, problem: ReconciliationProblem) => {
    const theirs = { ...sideOf(truth), ...lying };
    await assert.rejects(findDifferences(ours, theirs, { leafBits: LEAF_BITS }), (error) => {
      assert.ok(error instanceof ReconciliationError);
      assert.equal(error.problem, problem);
      return true;
    });
  };
  const honest = sideOf(truth);

  test("with more or fewer summaries than ranges", async () => {
    await fails({ summaries: async () => [] }, "malformed");
    await fails({ summaries: async () => many(9).map(() => ({ entries: 1, fingerprint: 1n })) }, "malformed");
  });

  test("with counts and fingerprints that cannot be", async () => {
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 60]) {
      await fails(
        { summaries: async (ranges) => ranges.map(() => ({ entries: wrong, fingerprint: 1n })) },
        "malformed",
      );
    }
    for (const fingerprint of [-1n, 2n ** 128n]) {
      await fails({ summaries: async (ranges) => ranges.map(() => ({ entries: 1, fingerprint })) }, "malformed");
    }
  });

  test("with parts that do not add up to the whole", async () => {
    await fails(
      {
        summaries: async (ranges) =>
          (await honest.summaries(ranges)).map((each) => ({ ...each, entries: each.entries + 1 })),
      },
      "theirs-inconsistent",
    );
  });

  test("with versions that go on for ever", async () => {
    await fails({ items: async () => ({ items: [], more: true }) }, "theirs-inconsistent");
    await fails(
      { items: async (ranges, after) => ({ items: (await honest.items(ranges, after)).items, more: true }) },
      "theirs-inconsistent",
    );
    await fails({ items: async () => ({ items: many(ITEMS_MAX + 1), more: false }) }, "malformed");
  });

  test("with versions that are not those of the summaries", async () => {
    await fails(
      {
        items: async (ranges, after) => {
          const { items, more } = await honest.items(ranges, after);
          return { items: items.map((each, at) => (at === 0 ? { ...each, digest: each.digest ^ 4n } : each)), more };
        },
      },
      "theirs-inconsistent",
    );
  });

  test("with versions elsewhere, twice, out of order or malformed", async () => {
    await fails({ items: async () => ({ items: sorted(truth), more: false }) }, "malformed");
    const twisted = (twist: (items: readonly Item[]) => readonly Item[]): Partial<Side> => ({
      items: async (ranges, after) => ({ items: twist((await honest.items(ranges, after)).items), more: false }),
    });
    await fails(
      twisted((items) => [...items, ...items]),
      "malformed",
    );
    await fails(
      twisted((items) => items.map((each) => ({ ...each, key: "../../etc" }))),
      "malformed",
    );
    await fails(
      twisted((items) => items.map((each) => ({ ...each, digest: -1n }))),
      "malformed",
    );
  });

  test("with everything at odds", async () => {
    const told = (fingerprintOf: (place: number) => bigint): Partial<Side> => ({
      summaries: async (ranges) =>
        ranges.map((range) => {
          const { from, below } = boundsOf(range);
          let fingerprint = 0n;
          for (let place = from; place < below; place++) fingerprint ^= fingerprintOf(place);
          return { entries: (below - from) * 1_000, fingerprint };
        }),
    });
    const [one, other] = [
      { ...honest, ...told(spread) },
      { ...honest, ...told((place) => spread(place) << 64n) },
    ];
    await assert.rejects(findDifferences(one, other, { leafBits: LEAF_BITS }), (error) => {
      assert.ok(error instanceof ReconciliationError);
      assert.equal(error.problem, "too-many");
      return true;
    });
  });

  test("our own summaries that are not of what stands are told apart", async () => {
    const stale: Side = {
      ...ours,
      summaries: async (ranges) =>
        (await honest.summaries(ranges)).map((each, at) =>
          ranges[at]?.prefix === 0 ? { ...each, fingerprint: each.fingerprint ^ 1n } : each,
        ),
    };
    await assert.rejects(findDifferences(stale, honest, { leafBits: LEAF_BITS }), (error) => {
      assert.ok(error instanceof ReconciliationError);
      assert.equal(error.problem, "ours-inconsistent");
      return true;
    });
  });
});

describe("ranges", () => {
  test("of others are taken only where they exist", () => {
    const bad = [
      { bits: -1, prefix: 0 },
      { bits: 17, prefix: 0 },
      { bits: 4, prefix: 16 },
      { bits: 4, prefix: -1 },
      { bits: 0.5, prefix: 0 },
    ];
    for (const range of bad) assert.equal(isRange(range, LEAF_BITS), false);
    assert.equal(isRange(WHOLE, LEAF_BITS), true);
  });

  test("hold exactly the places between their bounds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), fc.nat(65_535), fc.nat(65_535), (bits, seed, place) => {
        const range = { bits, prefix: seed % 2 ** bits };
        const { from, below } = boundsOf(range);
        assert.equal(contains(range, place), place >= from && place < below);
      }),
    );
  });

  test("begin where SHA-256 says", () => {
    // sha256(16 zero bytes) = 374708ff…
    assert.equal(placeOf("00000000-0000-0000-0000-000000000000"), 0x3747);
  });
});

function spread(at: number): bigint {
  return ((BigInt(at) + 1n) * 0x9e37_79b9_7f4a_7c15n) & (2n ** 64n - 1n);
}

/** Always the same, and different from each other. */
function many(count: number): readonly Item[] {
  return Array.from({ length: count }, (_, at) => ({
    key: `00000000-0000-4000-8000-${at.toString(16).padStart(12, "0")}`,
    digest: ((BigInt(at) + 1n) * 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835n) & (2n ** 128n - 1n),
  }));
}
