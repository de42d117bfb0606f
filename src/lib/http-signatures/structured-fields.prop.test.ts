import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type BareItem,
  type Dictionary,
  type Item,
  type Member,
  readDictionary,
  readItem,
  readList,
  writeDictionary,
  writeItem,
  writeMember,
} from "./structured-fields.ts";

const plain = { noNullPrototype: true };
const bare: fc.Arbitrary<BareItem> = fc.oneof(
  fc.record({ kind: fc.constantFrom("integer", "date"), value: fc.integer({ min: -1e12, max: 1e12 }) }, plain),
  fc.record(
    { kind: fc.constant("decimal"), value: fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000 || 0.5) },
    plain,
  ),
  fc.record({ kind: fc.constant("string"), value: fc.string({ unit: "grapheme-ascii" }) }, plain),
  fc.record({ kind: fc.constant("token"), value: fc.constantFrom("a", "*b", "foo/bar:baz", "A!#") }, plain),
  fc.record(
    { kind: fc.constant("display"), value: fc.string({ unit: "grapheme" }).filter((s) => s.isWellFormed()) },
    plain,
  ),
  fc.record(
    { kind: fc.constant("bytes"), value: fc.uint8Array({ maxLength: 9 }).map((b) => new Uint8Array(b)) },
    plain,
  ),
  fc.record({ kind: fc.constant("boolean"), value: fc.boolean() }, plain),
);
const key = fc.constantFrom("a", "*", "sig1", "x-y_z.w*");
const parameters = fc.array(fc.tuple(key, bare), { maxLength: 3 }).map((pairs) => new Map(pairs));
const item: fc.Arbitrary<Item> = fc.record({ item: bare, parameters }, plain);
const member: fc.Arbitrary<Member> = fc.oneof(
  item,
  fc.record({ items: fc.array(item, { maxLength: 3 }), parameters }, plain),
);
const dictionary: fc.Arbitrary<Dictionary> = fc
  .array(fc.tuple(key, member), { maxLength: 4 })
  .map((pairs) => new Map(pairs));

test("what is written is read as it was", () => {
  fc.assert(
    fc.property(dictionary, (value) => {
      const read = readDictionary(writeDictionary(value));
      assert.deepEqual(read && [...read], [...value]);
    }),
  );
  fc.assert(fc.property(item, (value) => assert.deepEqual(readItem(writeItem(value)), value)));
  fc.assert(
    fc.property(fc.array(member, { maxLength: 4 }), (value) =>
      assert.deepEqual(readList(value.map(writeMember).join(", ")), value),
    ),
  );
});

test("whatever is read is written in one form, and nothing throws", () => {
  const text = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[a-z0-9=;,:"?@%()\\ .*-]*$/),
    dictionary.map(writeDictionary).chain((s) => fc.nat(s.length).map((at) => `${s.slice(0, at)},${s.slice(at)}`)),
  );
  fc.assert(
    fc.property(text, (value) => {
      const read = readDictionary(value);
      if (read !== undefined) assert.deepEqual([...(readDictionary(writeDictionary(read)) ?? [])], [...read]);
      readItem(value);
      readList(value);
    }),
    { numRuns: 500 },
  );
});

test("the examples of RFC 9651, and what is none", () => {
  for (const good of [
    "42",
    "-4.5",
    '"hello world"',
    "foo123/456",
    ":cHJldGVuZA==:",
    "?1",
    "@1659578233",
    '%"f%c3%bc"',
  ]) {
    const read = readItem(good);
    assert.equal(read && writeItem(read), good);
  }
  for (const bad of [
    "",
    "1234567890123456",
    "1.",
    "1.1234",
    '"\u0001"',
    '"a',
    "?2",
    "@1.5",
    ":cHJldGVuZA=",
    '%"%C3%BC"',
    '%"%ff"',
    "a b",
  ]) {
    assert.equal(readItem(bad), undefined, bad);
  }
  for (const bad of ["a=1,", "A=1", "a=1 b=2", "a=(1 2", "a=(1,2)", "a=1;", "a=1;B"]) {
    assert.equal(readDictionary(bad), undefined, bad);
  }
  assert.deepEqual([...(readDictionary("a=1, a=2") ?? [])].length, 1);
  assert.equal(readDictionary("x".repeat(40_000)), undefined);
});
