import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nextHop } from "./path.ts";

/** A tree: each node but the first lies below an earlier one, at most ten deep. */
const tree = fc.array(fc.nat(), { minLength: 1, maxLength: 30 }).map((parents) => {
  const above = new Map<string, string>();
  const depth = [0];
  for (const [place, at] of parents.entries()) {
    const parent = at % (place + 1);
    const chosen = (depth[parent] ?? 0) < 10 ? parent : 0;
    depth[place + 1] = (depth[chosen] ?? 0) + 1;
    above.set(`n${place + 1}`, `n${chosen}`);
  }
  return above;
});

test("from hop to hop every node of a tree is reached, through neighbours alone, and no node twice", () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.nat(), (above, one, other) => {
      const code = (place: number) => `n${place % (above.size + 1)}`;
      const destination = code(other);
      const seen = [code(one)];
      for (let at = code(one); at !== destination; ) {
        const hop = nextHop({ self: at, above: (node) => above.get(node) }, destination);
        assert.ok(hop !== undefined && (above.get(hop) === at || above.get(at) === hop));
        assert.ok(!seen.includes(hop));
        seen.push(hop);
        at = hop;
      }
    }),
  );
});

test("there is no way to oneself, to an unknown node, or in a circle", () => {
  const above = (code: string) => ({ county: "city", city: "centre", one: "other", other: "one" })[code];
  assert.equal(nextHop({ self: "county", above }, "county"), undefined);
  assert.equal(nextHop({ self: "county", above }, "stranger"), undefined);
  assert.equal(nextHop({ self: "one", above }, "county"), undefined);
  assert.equal(nextHop({ self: "county", above }, "centre"), "city");
});
