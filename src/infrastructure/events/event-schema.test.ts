import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileSchema } from "./event-schema.ts";

function checked(schema: object, event: unknown): string | undefined {
  const compiled = compileSchema(schema);
  assert.ok(compiled.ok, compiled.ok ? "" : compiled.problem);
  return compiled.check(event);
}

describe("schemas of events", () => {
  test("draft-07 and 2020-12 are read, with their formats", () => {
    const birth = { type: "object", properties: { at: { type: "string", format: "date-time" } }, required: ["at"] };
    for (const $schema of ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"]) {
      assert.equal(checked({ $schema, ...birth }, { at: "2023-05-01T11:25:00+02:00" }), undefined);
      assert.match(checked({ $schema, ...birth }, { at: "yesterday" }) ?? "", /^\/at must match format/);
      assert.match(checked({ $schema, ...birth }, {}) ?? "", /must have required property 'at'/);
    }
  });

  test("what is wrong is said without the value", () => {
    const wrong = checked({ properties: { mother: { const: "x" } } }, { mother: "Jane Doe" });
    assert.ok(wrong !== undefined && !wrong.includes("Jane"));
  });

  const HAZARDS: Readonly<Record<string, unknown>> = {
    "another document": { $ref: "https://example.com/schema.json" },
    "a pattern that backtracks": { pattern: "^(a+)+$" },
    "many repetitions": { pattern: "^(a*b*)*$" },

    "a reference back": { pattern: "^(a)\\1$" },
    "a pattern among names": { patternProperties: { "(x*)*": {} } },
    "no object": ["type"],
    "an unknown type": { type: "text" },
    "too many bytes": { description: "x".repeat(70_000) },
    "deep nesting": Array.from({ length: 40 }).reduce<object>((inner) => ({ not: inner }), {}),
  };
  for (const [name, schema] of Object.entries(HAZARDS)) {
    test(`refused: ${name}`, () => assert.equal(compileSchema(schema).ok, false));
  }

  test("a text that is longer than patterns are tried on fits none, at once", () => {
    assert.match(checked({ pattern: "^[a-z]*-[0-9]+$" }, `${"a".repeat(100_000)}-1`) ?? "", /must match pattern/);
    assert.equal(checked({ pattern: "^[A-Z]+-[0-9]+$" }, "SP-1"), undefined);
  });
});
