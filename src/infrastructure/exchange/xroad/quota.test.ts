import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "./quota.ts";

test("places are by name, and come back", () => {
  const slots = new Slots(2);
  assert.deepEqual([slots.take("a"), slots.take("a"), slots.take("a"), slots.take("b")], [true, true, false, true]);
  slots.release("a");
  assert.equal(slots.take("a"), true);
});
