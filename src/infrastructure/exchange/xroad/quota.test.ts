import assert from "node:assert/strict";
import { test } from "node:test";
import { BURST_SECONDS, CALLS_MAX, CALLS_OF_SYSTEM_MAX } from "./limits.ts";
import { Quotas, Slots } from "./quota.ts";

test("a system has its minute, some of it at once, and no more however its clock runs", () => {
  const quotas = new Quotas();
  let taken = 0;
  for (let second = 0; second < 120; second += 1) {
    while (quotas.take("a", 60, second * 1_000) === undefined) {
      taken += 1;
      quotas.release("a");
    }
  }
  // Ten at once, then one a second.
  assert.equal(taken, 10 + 119);
  assert.equal(quotas.take("a", 60, 0), "minute", "time that runs back gives nothing");
});

test("one system leaves room for others, and the edge is bounded as a whole", () => {
  const quotas = new Quotas();
  for (let call = 0; call < CALLS_OF_SYSTEM_MAX; call += 1) assert.equal(quotas.take("noisy", 60_000, 0), undefined);
  assert.equal(quotas.take("noisy", 60_000, 0), "system");
  assert.equal(quotas.take("other", 60_000, 0), undefined);
  for (let call = CALLS_OF_SYSTEM_MAX + 1; call < CALLS_MAX; call += 1) {
    assert.equal(quotas.take(`system ${call}`, 60_000, 0), undefined);
  }
  assert.equal(quotas.take("late", 60_000, 0), "edge");
  quotas.release("noisy");
  assert.equal(quotas.take("late", 60_000, 0), undefined);
});

test("places are by name, and come back", () => {
  const slots = new Slots(2);
  assert.deepEqual([slots.take("a"), slots.take("a"), slots.take("a"), slots.take("b")], [true, true, false, true]);
  slots.release("a");
  assert.equal(slots.take("a"), true);
});

test("a clock that is set back keeps nobody waiting until it is as late again", () => {
  const quotas = new Quotas();
  const take = (nowMs: number) => {
    const wait = quotas.take("a", 60, nowMs);
    if (wait === undefined) quotas.release("a");
    return wait;
  };
  for (let call = 0; call < BURST_SECONDS; call++) assert.equal(take(600_000), undefined);
  assert.equal(take(600_000), "minute");
  assert.equal(take(0), "minute");
  assert.equal(take(1_000), undefined);
});
