import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CANONICAL_DEPTH_MAX, CanonicalFormError, canonicalize } from "./canonical.ts";

const vectors = join(
  process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../../shared/vectors"),
  "jcs",
);

describe("canonical JSON (RFC 8785)", () => {
  test("sorts members by UTF-16 code units, at every depth", () => {
    assert.equal(canonicalize({ b: 1, a: { d: [], c: {} } }), '{"a":{"c":{},"d":[]},"b":1}');
    assert.equal(canonicalize({ "\ufb33": 1, "\u{1f600}": 2 }), '{"\u{1f600}":2,"\ufb33":1}');
  });

  test("leaves undefined members out and keeps null", () => {
    assert.equal(canonicalize({ a: undefined, b: null }), '{"b":null}');
  });

  test("writes numbers as ECMAScript does", () => {
    assert.equal(canonicalize([-0, 1e21, 1e-7, 0.1, 100]), "[0,1e+21,1e-7,0.1,100]");
  });

  test("refuses what JSON cannot say, and names the place", () => {
    for (const [value, path] of [
      [{ a: [Number.NaN] }, "a[0]"],
      [{ a: { b: "\ud800" } }, "a.b"],
      [[1n], "[0]"],
      [{ when: new Date(0) }, "when"],
      [[undefined], "[0]"],
    ] as const) {
      assert.throws(
        () => canonicalize(value),
        (error) => error instanceof CanonicalFormError && error.path === path,
      );
    }
  });

  test("keeps the order of names that look like indexes, and texts that look like escapes", () => {
    assert.equal(canonicalize({ a: 1, "10": 2, "9": 3, __proto__x: 4 }), '{"10":2,"9":3,"__proto__x":4,"a":1}');
    assert.equal(canonicalize(JSON.parse('{"b":1,"__proto__":{"z":1,"y":2}}')), '{"__proto__":{"y":2,"z":1},"b":1}');
    assert.equal(canonicalize({ b: "\\ud800", a: 1 }), '{"a":1,"b":"\\\\ud800"}');
    assert.equal(canonicalize({ toJSON: "x", a: 1 }), '{"a":1,"toJSON":"x"}');
  });

  test("bounds the depth", () => {
    let value: unknown = 1;
    for (let depth = 0; depth <= CANONICAL_DEPTH_MAX; depth++) value = [value];
    assert.throws(() => canonicalize(value), CanonicalFormError);
  });

  test("agrees with the published vectors", { skip: existsSync(vectors) ? false : `no vectors at ${vectors}` }, () => {
    const names = readdirSync(join(vectors, "input"));
    assert.ok(names.length > 0);
    for (const name of names) {
      const input: unknown = JSON.parse(readFileSync(join(vectors, "input", name), "utf8"));
      assert.equal(canonicalize(input), readFileSync(join(vectors, "output", name), "utf8").trimEnd(), name);
    }
  });
});
