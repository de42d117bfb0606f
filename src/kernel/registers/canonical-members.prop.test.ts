import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalize } from "#lib/json/canonical";
import { canonicalMembers, memberNames } from "./canonical-members.ts";

const NAMES = ["name", "address", "Z", "birthDate", "list", "a_1"];
const member = fc.oneof(
  fc.string({ unit: "binary" }).filter((each) => each.isWellFormed()),
  fc.constantFrom("", '"', "\\", "\u007f", "\u2028", "\ufeff", "堃𬀩", "\t"),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.array(fc.string(), { maxLength: 2 }),
);
const value = fc.record(Object.fromEntries(NAMES.map((name) => [name, member])), { requiredKeys: [] });

test("attributes are written as the canonical form writes them", () => {
  const names = memberNames(NAMES.map((name) => ({ name })));
  fc.assert(fc.property(value, (each) => assert.equal(canonicalMembers(each, names), canonicalize(each))));
  assert.equal(canonicalMembers({ name: "王", other: "not declared" }, names), '{"name":"王"}');
  assert.throws(() => canonicalMembers({ name: "\ud800" }, names), { code: "ERR_JSON_NOT_CANONICAL" });
});
