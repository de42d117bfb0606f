import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { invert, multiply } from "./field.ts";
import { combine, randomBytesFor, split } from "./shamir.ts";
import { readShare, SHARE_RANDOM_BYTES, writeShare } from "./share-text.ts";
import { combineShares, makeShares, randomnessFor, type Share } from "./shares.ts";

const element = fc.integer({ min: 0, max: 255 });
const splitting = fc
  .tuple(fc.integer({ min: 2, max: 16 }), fc.integer({ min: 0, max: 14 }))
  .map(([count, less]) => ({ count, threshold: Math.max(2, count - less) }));
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** A splitting with everything random in it, and an order of its shares. */
const ceremony = splitting.chain((numbers) =>
  fc.record({
    numbers: fc.constant(numbers),
    secret: bytesOf(32),
    id: bytesOf(8),
    randomness: bytesOf(randomnessFor(numbers)),
    order: fc.shuffledSubarray([...Array(numbers.count).keys()], { minLength: numbers.count }),
  }),
);
type Ceremony = typeof ceremony extends fc.Arbitrary<infer T> ? T : never;

function begin({ numbers, secret, id, randomness, order }: Ceremony) {
  const { shares, record } = makeShares(secret, { ...numbers, ceremony: id }, randomness);
  return { record, shares: order.map((at) => shares[at] as Share) };
}

describe("the field of 256 elements", () => {
  it("is one", () => {
    fc.assert(
      fc.property(element, element, element, (a, b, c) => {
        assert.equal(multiply(a, b), multiply(b, a));
        assert.equal(multiply(a, multiply(b, c)), multiply(multiply(a, b), c));
        assert.equal(multiply(a, b ^ c), multiply(a, b) ^ multiply(a, c));
        assert.equal(multiply(a, 1), a);
      }),
    );
    for (let a = 1; a < 256; a++) assert.equal(multiply(a, invert(a)), 1);
    // FIPS 197 §4.2: {57} • {83} = {c1}.
    assert.equal(multiply(0x57, 0x83), 0xc1);
    assert.throws(() => invert(0), RangeError);
  });
});

describe("shares", () => {
  it("give the secret in whatever number and order from the threshold on", () => {
    fc.assert(
      fc.property(ceremony, (given) => {
        const { shares, record } = begin(given);
        for (const taken of [shares.slice(0, record.threshold), shares]) {
          const combined = combineShares(taken, record);
          assert.ok("secret" in combined);
          assert.deepEqual(combined.secret, given.secret);
        }
        const few = combineShares(shares.slice(0, record.threshold - 1), record);
        assert.ok("missing" in few && few.missing === 1 && few.faults.length === 0);
      }),
      { numRuns: 50 },
    );
  });

  it("below the threshold fit every secret alike", () => {
    // One byte, threshold 2: for each share and each secret there is exactly one polynomial.
    const points = [...Array(256).keys()].map((coefficient) =>
      split(Uint8Array.of(0x42), { count: 2, threshold: 2 }, Uint8Array.of(coefficient)),
    );
    for (const index of [0, 1]) assert.equal(new Set(points.map((both) => both[index]?.bytes[0])).size, 256);
  });

  it("that are wrong, repeated or of another ceremony are named, and nothing is combined", () => {
    fc.assert(
      fc.property(ceremony, fc.nat(), bytesOf(8), (given, at, otherId) => {
        const { shares, record } = begin(given);
        const place = at % shares.length;
        const hit = shares[place] as Share;
        const faultAt = (changed: Share) => {
          const combined = combineShares(shares.with(place, changed), record);
          assert.ok("faults" in combined);
          return combined.faults;
        };
        const bytes = hit.bytes.with(at % 32, (hit.bytes[at % 32] ?? 0) ^ 1);
        assert.deepEqual(faultAt({ ...hit, bytes }), [{ at: place, index: hit.index, fault: "wrong" }]);
        const index = (hit.index % record.count) + 1;
        assert.ok(faultAt({ ...hit, index }).some((one) => one.at === place && one.fault === "wrong"));
        if (Buffer.compare(otherId, given.id) !== 0) {
          const { shares: theirs } = begin({ ...given, id: otherId });
          const [found] = faultAt(theirs[place] as Share);
          assert.deepEqual(found, { at: place, index: hit.index, fault: "other-ceremony" });
        }
        const repeated = combineShares([...shares, hit], record);
        assert.ok("faults" in repeated);
        assert.deepEqual(repeated.faults, [{ at: shares.length, index: hit.index, fault: "duplicate" }]);
      }),
      { numRuns: 50 },
    );
  });

  it("are not made of numbers that make no sense", () => {
    const secret = new Uint8Array(4);
    for (const [count, threshold] of [
      [1, 1],
      [2, 1],
      [3, 4],
      [17, 2],
      [2.5, 2],
    ] as const) {
      const numbers = { count, threshold };
      assert.throws(() => split(secret, numbers, new Uint8Array(randomBytesFor(4, numbers) || 0)), RangeError);
    }
    assert.throws(() => split(secret, { count: 3, threshold: 2 }, new Uint8Array(3)), RangeError);
    const point = { index: 1, bytes: secret };
    for (const points of [
      [],
      [point, point],
      [point, { index: 0, bytes: secret }],
      [point, { index: 2, bytes: new Uint8Array(3) }],
    ])
      assert.throws(() => combine(points), RangeError);
  });
});

describe("shares on paper", () => {
  it("are read as they were written, also by a hand that knows no zero, and with words around them", async () => {
    await fc.assert(
      fc.asyncProperty(ceremony, async (given) => {
        const [share] = begin(given).shares;
        assert.ok(share);
        const text = await writeShare(share);
        assert.deepEqual(await readShare(text), share);
        const byHand = `份额 Share\n\n${text.replaceAll("0", "O").toLowerCase().replace("zts1", "ZTS1").replace(/^o:/gm, "0:")}\n收好 Keep it\n`;
        assert.deepEqual(await readShare(byHand.replaceAll(/^(\d*)o(\d*):/gm, "$10$2:")), share);
      }),
      { numRuns: 20 },
    );
  });

  it("name the line that was mistyped", async () => {
    await fc.assert(
      fc.asyncProperty(ceremony, fc.nat(), async (given, at) => {
        const [share] = begin(given).shares;
        assert.ok(share);
        const lines = (await writeShare(share)).trimEnd().split("\n");
        const line = 1 + (at % (lines.length - 1));
        const place = 3 + (at % 4);
        const written = lines[line] ?? "";
        const other = written[place] === "7" ? "8" : "7";
        const changed = lines.with(line, written.slice(0, place) + other + written.slice(place + 1)).join("\n");
        const read = await readShare(changed);
        // Two characters check a line: one mistake in a thousand passes them, and is found by the checksum over all.
        assert.ok(
          "fault" in read && (read.fault === "not-a-share" || (read.fault === "mistyped" && read.line === line)),
        );
      }),
      { numRuns: 50 },
    );
    for (const nonsense of ["", "ZTS1", "ZTS1\n1: 0000 / 00\n", "x".repeat(5_000)])
      assert.ok("fault" in (await readShare(nonsense)), nonsense.slice(0, 20));
  });

  it("under a passphrase open with it alone", async () => {
    const secret = new Uint8Array(32).fill(7);
    const numbers = { count: 2, threshold: 2, ceremony: new Uint8Array(8) };
    const [share] = makeShares(secret, numbers, new Uint8Array(32).fill(9)).shares;
    assert.ok(share);
    const text = await writeShare(share, {
      passphrase: "三人成众 2026",
      randomness: new Uint8Array(SHARE_RANDOM_BYTES),
    });
    assert.deepEqual(await readShare(text, "三人成众 2026"), share);
    assert.deepEqual(await readShare(text, "二人成众 2026"), { fault: "passphrase-wrong", index: 1 });
    assert.deepEqual(await readShare(text), { fault: "passphrase-needed", index: 1 });
    assert.deepEqual(await readShare(await writeShare(share), "x"), { fault: "passphrase-not-used", index: 1 });
  });
});
