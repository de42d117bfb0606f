import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { hybridFromSeed, hybridPublicKeyOf } from "#lib/crypto/hybrid";
import { ed25519FromSeed, publicKeyOf } from "#lib/crypto/keys";
import { generateSm2Key } from "#lib/crypto/sm2/keys";
import type { SigningKey } from "#lib/crypto/suite";
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { formatNote, noteVerifier, parseNote, parseVerifierKey, signNote } from "./note.ts";
import { formatSuccession, keyTerms, openCheckpointInTerm, openSuccession, saysSuccession } from "./succession.ts";
import { formatSuiteVerifierKey, suiteNoteSignature, suiteNoteVerifier } from "./suite-note.ts";

const ORIGIN = "ledger.example/qingyuan";
const seed = (size: number, at: number) => new Uint8Array(size).fill(at);
const ed25519 = Array.from({ length: 6 }, (_, at) => ed25519FromSeed(seed(32, at + 1)));
const sm2 = [1, 2].map((at) => generateSm2Key(seed(48, at)));
const hybrid = [1, 2].map((at) => hybridFromSeed(seed(64, at)));
const verifiers = ed25519.map((key) => noteVerifier(ORIGIN, publicKeyOf(key)));

function lineOf(key: SigningKey, origin = ORIGIN): string {
  const half =
    key.algorithm === "SM2"
      ? key.publicKey
      : key.algorithm === "Ed25519+ML-DSA-65"
        ? hybridPublicKeyOf(key)
        : publicKeyOf(key);
  return formatSuiteVerifierKey(suiteNoteVerifier(origin, half));
}

function succession(former: readonly SigningKey[], next: readonly SigningKey[], size: number): string {
  const lines = (keys: readonly SigningKey[]) => keys.map((key) => lineOf(key));
  const keys = { former: lines(former), next: lines(next) };
  const text = formatSuccession({ origin: ORIGIN, size, root: seed(32, size % 251) }, keys);
  const signatures = [...former, ...next].map((key) =>
    suiteNoteSignature({ text, name: ORIGIN, key, randomness: seed(32, 1) }),
  );
  return formatNote({ text, signatures });
}

function opened(note: string) {
  return openSuccession(note) ?? assert.fail("it is a succession");
}

const [first, second, third] = ed25519 as [SigningKey, SigningKey, SigningKey];
const plain = succession([first], [second], 85);
const whole = succession([first, sm2[0], hybrid[0]] as SigningKey[], [second, sm2[1], hybrid[1]] as SigningKey[], 85);

describe("a succession", () => {
  test("is a checkpoint under either key, for whoever knows nothing of successions", () => {
    for (const verifier of verifiers.slice(0, 2)) {
      const checkpoint = openCheckpoint(plain, verifier ?? assert.fail());
      assert.equal(checkpoint?.size, 85);
      assert.ok(saysSuccession(checkpoint));
    }
  });

  test("names keys of every suite, and each has signed it", () => {
    const { former, next, size } = opened(whole);
    assert.deepEqual(
      [...former, ...next].map(({ key }) => key.algorithm),
      ["EdDSA", "SM2", "Ed25519+ML-DSA-65", "EdDSA", "SM2", "Ed25519+ML-DSA-65"],
    );
    assert.equal(size, 85);
    const { text, signatures } = parseNote(whole) ?? assert.fail();
    for (const left of signatures) {
      const others = signatures.filter((one) => one !== left);
      assert.equal(openSuccession(formatNote({ text, signatures: others })), undefined);
    }
  });

  test("is no succession when any byte of it is another", () => {
    fc.assert(
      fc.property(fc.nat({ max: plain.length - 1 }), fc.constantFrom("A", "b", "0", " ", "\n"), (at, letter) => {
        const changed = `${plain.slice(0, at)}${letter}${plain.slice(at + 1)}`;
        assert.ok(changed === plain || openSuccession(changed) === undefined, changed);
      }),
    );
  });

  test("does not name a key twice, another log's, an empty side, or another suite first", () => {
    const write = (former: readonly string[], next: readonly string[]) => () =>
      formatSuccession({ origin: ORIGIN, size: 1, root: seed(32, 0) }, { former, next });
    const [one, two, three] = [first, second, third].map((key) => lineOf(key)) as [string, string, string];
    write([one], [two])();
    for (const bad of [
      write([one], [one]),
      write([one], []),
      write([], [two]),
      write([one], [two, three]),
      write([one], [lineOf(second, "other.example")]),
      write([lineOf(sm2[0] as SigningKey)], [two]),
      write([one, lineOf(sm2[0] as SigningKey)], [two, lineOf(sm2[0] as SigningKey)]),
    ])
      assert.throws(bad, RangeError);
  });
});

describe("keys that follow each other", () => {
  const chainOf = (sizes: readonly number[]) =>
    sizes.map((size, at) => opened(succession([ed25519[at] as SigningKey], [ed25519[at + 1] as SigningKey], size)));

  test("sign between the sizes at which they follow and are followed, and nowhere else", () => {
    const sizes = fc
      .uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 })
      .map((some) => some.toSorted((one, other) => one - other));
    fc.assert(
      fc.property(sizes, fc.nat({ max: 5 }), fc.nat({ max: 61 }), fc.nat({ max: 5 }), (bounds, by, size, anchor) => {
        const trusted = anchor % (bounds.length + 1);
        const terms = keyTerms([verifiers[trusted] ?? assert.fail()], chainOf(bounds));
        const text = formatCheckpoint({ origin: ORIGIN, size, root: seed(32, 3) });
        const note = signNote(text, ORIGIN, ed25519[by] ?? assert.fail());
        const from = by === trusted ? 0 : (bounds[by - 1] ?? 0);
        const to = bounds[by] ?? Infinity;
        const expected = by >= trusted && by <= bounds.length && from <= size && size <= to;
        assert.equal(openCheckpointInTerm(note, terms) !== undefined, expected);
      }),
      { numRuns: 200 },
    );
  });

  test("are followed once: a second follower, an earlier one, and one that nobody trusts count for nothing", () => {
    const [one, two, three] = verifiers as [(typeof verifiers)[0], (typeof verifiers)[0], (typeof verifiers)[0]];
    const [a, b, c] = ed25519 as [SigningKey, SigningKey, SigningKey];
    const steps = [succession([a], [b], 50), succession([a], [c], 60), succession([b], [c], 40)].map(opened);
    assert.deepEqual(keyTerms([one], steps), [
      { verifier: one, from: 0, to: 50 },
      { verifier: two, from: 50, to: Infinity },
    ]);
    assert.deepEqual(keyTerms([three], steps), [{ verifier: three, from: 0, to: Infinity }]);
  });

  test("come back to no earlier key", () => {
    const [a, b] = ed25519 as [SigningKey, SigningKey];
    const terms = keyTerms(
      [verifiers[0] ?? assert.fail()],
      [succession([a], [b], 50), succession([b], [a], 60)].map(opened),
    );
    const late = signNote(
      formatCheckpoint({ origin: ORIGIN, size: 70, root: seed(32, 3) }),
      ORIGIN,
      ed25519[0] ?? assert.fail(),
    );
    assert.equal(openCheckpointInTerm(late, terms), undefined);
  });

  test("are not followed by a checkpoint that only says so", () => {
    const { text } = parseNote(plain) ?? assert.fail();
    const alone = signNote(text, ORIGIN, ed25519[0] ?? assert.fail());
    assert.ok(saysSuccession(parseCheckpoint(text) ?? assert.fail()));
    assert.equal(openSuccession(alone), undefined);
  });
});

describe("the vectors for others' verifiers", () => {
  const file = join(import.meta.dirname, "../../../conformance/vectors/successions.json");
  const { cases } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly cases: readonly {
      readonly why: string;
      readonly logKey?: string;
      readonly successions?: readonly string[];
      readonly file: string;
      readonly expect: string;
    }[];
  };
  // What is told of a key that came later is for readers who have that one alone: a node keeps its first.
  const forwards = cases.filter(({ logKey, file: source, why }) => {
    const isBare =
      !source.startsWith("{") && !saysSuccession(parseCheckpoint(parseNote(source)?.text ?? "") ?? assert.fail());
    return (
      isBare &&
      logKey?.includes("\n") === false &&
      !/back from|any order|two successions|leads back|smaller size|names no next/.test(why)
    );
  });

  for (const { why, logKey = "", successions = [], file: source, expect } of forwards) {
    test(why, () => {
      const steps = successions.flatMap((note) => openSuccession(note) ?? []);
      const terms = keyTerms([parseVerifierKey(logKey) ?? assert.fail()], steps);
      assert.equal(openCheckpointInTerm(source, terms) !== undefined, expect === "valid");
    });
  }
});
