import assert from "node:assert/strict";
import { test } from "node:test";
import { gathering } from "./gathering.ts";

/** How many there are at each look; the last for good. */
function looks(...counts: readonly number[]) {
  let looked = 0;
  const waiting = () => counts[Math.min(looked++, counts.length - 1)] as number;
  return { waiting, looked: () => looked };
}

test("one that comes alone waits for one turn of the loop", async () => {
  const { waiting, looked } = looks(1, 1);
  await gathering(waiting, 64);
  assert.equal(looked(), 2);
});

test("it goes on while more comes, until there are enough", async () => {
  const { waiting, looked } = looks(1, 5, 9, 70, 80);
  await gathering(waiting, 64);
  assert.equal(looked(), 4);
});

test("what never ceases to come holds nobody up", async () => {
  let count = 0;
  await gathering(() => ++count, Number.POSITIVE_INFINITY);
  assert.ok(count < 20);
});

test("where nothing waits nothing is waited for", async () => {
  const { waiting, looked } = looks(0);
  await gathering(waiting, 64);
  assert.equal(looked(), 1);
});
