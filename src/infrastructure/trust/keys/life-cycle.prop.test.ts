import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { KEY_STATES, type KeyState, mayBecome, mayBeUsed, reachableFrom } from "./life-cycle.ts";

const state = fc.constantFrom(...KEY_STATES);

describe("the life of a key", () => {
  test("what was destroyed stays so, what is compromised never protects again, and nothing becomes new again", () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 30 }), (wanted) => {
        let now = "pre-active" as KeyState;
        const been = new Set<KeyState>([now]);
        for (const next of wanted) {
          const allowed = mayBecome(now, next);
          if (now === "destroyed" || next === "pre-active" || next === now) assert.ok(!allowed);
          if (been.has("compromised") && allowed) assert.equal(next, "destroyed");
          if (been.has("deactivated") && allowed) assert.ok(next === "compromised" || next === "destroyed");
          // Whoever destroys a key has ended its use before, but for one that was never used.
          if (allowed && next === "destroyed" && been.has("active")) {
            assert.ok(now === "deactivated" || now === "compromised");
          }
          if (!allowed) continue;
          now = next;
          been.add(now);
        }
        if (mayBeUsed(now, "protect")) assert.equal(now, "active");
      }),
    );
  });

  test("every state can end in destruction; only keys that were active process anything", () => {
    fc.assert(
      fc.property(state, (each) => {
        assert.ok(reachableFrom(each).has("destroyed"));
        assert.equal(mayBeUsed(each, "process"), each !== "pre-active" && each !== "destroyed");
      }),
    );
  });
});
