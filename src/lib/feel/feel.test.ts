import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileFeel, holds } from "./expression.ts";
import { FeelLimitFault } from "./frame.ts";
import { FeelSyntaxFault } from "./syntax.ts";
import { type JsonValue, toJson } from "./value.ts";

const value = (source: string, variables: Record<string, JsonValue> = {}) =>
  toJson(compileFeel(source).evaluate(variables));

const TABLE: readonly (readonly [string, JsonValue, Record<string, JsonValue>?])[] = [
  ["0.1+0.2=0.3", true],
  ["1.10 = 1.1", true],
  ["2 + 3 * 4", 14],
  ["(2 + 3) * 4", 20],
  ["2 ** 10", 1024],
  ["-2 - -3", 1],
  ["10 / 4", 2.5],
  ["1 / 0", null],
  ["9999999999999999999 + 1", "10000000000000000000"],
  ['"a" + "b"', "ab"],
  ['1 + "b"', null],
  ["x > 3 and y", true, { x: 4, y: true }],
  ["x > 3 and y", false, { x: 1 }],
  ["x > 3 or y", true, { x: 4 }],
  ["missing > 3", null],
  ["missing = null", true],
  ["x != null", true, { x: 0 }],
  ['x = "1"', null, { x: 1 }],
  ["true and null", null],
  ["false and null", false],
  ["true or null", true],
  ["not(x)", false, { x: true }],
  ["not(missing)", null],
  ["x in [1..10)", false, { x: 10 }],
  ["x in [1..10]", true, { x: 10 }],
  ["x in ]1..10]", false, { x: 1 }],
  ["x in (1, 2, > 30)", true, { x: 31 }],
  ['x in ("catering", "canteen")', true, { x: "canteen" }],
  ["x in list", true, { x: 2, list: [1, 2] }],
  ["x between 1 and 3", true, { x: 3 }],
  ['if x = 1 then "one" else "other"', "other", { x: 2 }],
  ['if missing then "one" else "other"', "other"],
  ["申请人.年龄 >= 18", true, { 申请人: { 年龄: 18 } }],
  ["a.b.c", 7, { a: { b: { c: 7 } } }],
  ["a.b.c", null, { a: 1 }],
  ["people.age", [30, 40], { people: [{ age: 30 }, { age: 40 }] }],
  [
    "people[age > 35][1].name",
    "B",
    {
      people: [
        { age: 30, name: "A" },
        { age: 40, name: "B" },
      ],
    },
  ],
  ["list[-1]", 3, { list: [1, 2, 3] }],
  ["list[item > 1]", [2, 3], { list: [1, 2, 3] }],
  ["some x in list satisfies x > 2", true, { list: [1, 2, 3] }],
  ["every x in list satisfies x > 2", false, { list: [1, 2, 3] }],
  ["every x in [1,2], y in [3,4] satisfies x < y", true],
  ["for i in 1..3 return i * 2", [2, 4, 6]],
  ["sum(for i in [1, 2] return i)", 3],
  ["count([1,2,3])", 3],
  ["sum([0.1, 0.2])", 0.3],
  ["min(3, 1, 2)", 1],
  ["max([3, 1, 2])", 3],
  ["all([true, false])", false],
  ['string length("𠮷野家")', 3],
  ['contains("食品经营", "经营")', true],
  ['starts with("JY1", "JY")', true],
  ['substring("abcdef", 2, 3)', "bcd"],
  ['upper case("ab")', "AB"],
  ['number("12.50") > 12', true],
  ["floor(-1.5)", -2],
  ["decimal(2.345, 2)", 2.34],
  ["modulo(-5, 3)", 1],
  ["list contains([1,2], 2)", true],
  ['{a: 1, b: a + 1, "c d": 3}.b', 2],
  ['date("2026-11-21") > date("2026-11-20")', true],
  ['date("2026-11-21") + duration("P10D")', "2026-12-01"],
  ['(date("2026-11-21") - date("2026-11-01")).days', 20],
  ['date("2026-02-30")', null],
  ['@"2026-11-21".year', 2026],
  ['date and time("2026-11-21T08:00:00+08:00") = date and time("2026-11-21T08:00:00+08:00")', true],
  ["x instance of number", true, { x: 1 }],
  ["[1, 2] = [1, 2]", true],
  ["constructor", null],
  ["x.constructor", null, { x: {} }],
];

for (const [source, expected, variables] of TABLE) {
  test(`FEEL: ${source}`, () => assert.deepEqual(value(source, variables), expected));
}

test("an expression tells which variables it reads", () => {
  assert.deepEqual(compileFeel("a.b > c and some x in l satisfies x = d").names, ["a", "c", "d", "l"]);
  assert.deepEqual(compileFeel("people[age > 3]").names, ["people"]);
});

test("what is not supported is refused when it is compiled, by name", () => {
  for (const [source, said] of [
    ["function(a) a + 1", /FunctionDefinition/],
    ["now()", /"now"/],
    ["evil(1)", /"evil"/],
    ["count(1, 2)", /takes 1 arguments/],
    ["contains(string: x, match: y)", /NamedParameters/],
    ["1 +", /character/],
    ["a ? b", /character/],
    ["", /character|one expression/],
    [`${"(".repeat(200)}1${")".repeat(200)}`, /deep/],
    [`1${" + 1".repeat(5000)}`, /characters/],
  ] as const) {
    assert.throws(
      () => compileFeel(source),
      (fault) => fault instanceof FeelSyntaxFault && said.test(fault.message),
      source,
    );
  }
});

test("an evaluation is bounded", () => {
  const source = "count(for a in 1..1000, b in 1..1000 return a * b)";
  assert.throws(() => compileFeel(source).evaluate({}), FeelLimitFault);
  assert.equal(value("10 ** 100000"), null);
});

test("a condition holds only when it is true", () => {
  assert.equal(holds(compileFeel("x > 1"), { x: 2 }), true);
  assert.equal(holds(compileFeel("x > 1"), { x: "2" }), false);
});

test("sums of decimals are exact", () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: -99_999, max: 99_999 }), (a, b) => {
      const [left, right, sum] = [a, b, a + b].map((cents) => (cents / 100).toFixed(2));
      assert.equal(value(`(${left}) + (${right}) = (${sum})`), true);
    }),
  );
});

test("any text is compiled or refused, never anything else", () => {
  const pieces = fc.constantFrom(
    "a",
    "1",
    "(",
    ")",
    "[",
    "]",
    "+",
    "<",
    " in ",
    " and ",
    "if ",
    " then ",
    " else ",
    "..",
    ".",
    '"s"',
    "not(",
    ",",
    "{",
    "}",
    ":",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (chosen) => {
      try {
        compileFeel(chosen.join("")).evaluate({ a: 1 });
      } catch (fault) {
        assert.ok(fault instanceof FeelSyntaxFault || fault instanceof FeelLimitFault, String(fault));
      }
    }),
    { numRuns: 500 },
  );
});
