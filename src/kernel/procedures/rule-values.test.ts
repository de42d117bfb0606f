import assert from "node:assert/strict";
import { test } from "node:test";
import { readInstant } from "./case-rows.ts";
import { ruleHolds } from "./rule-values.ts";

test("a rule of a contract holds when it is true, for each case anew", () => {
  for (const [amount, expected] of [
    [4, true],
    [2, false],
    [null, false],
  ] as const) {
    assert.equal(ruleHolds("amount > 3", { amount }), expected);
  }
  assert.equal(ruleHolds("amount", { amount: 4 }), false);
  assert.throws(() => ruleHolds("amount >", {}));
});

test("an instant of a row reads as Temporal writes it, whatever its offset and digits", () => {
  for (const value of [
    "2026-03-02T01:00:00+00:00",
    "2026-03-02T01:00:00.123+00:00",
    "2026-03-02T01:00:00.100+00:00",
    "2026-03-02T09:00:00.5+08:00",
    "2026-03-02T01:00:00.000001Z",
  ]) {
    assert.equal(readInstant(value), Temporal.Instant.from(value).toString());
  }
});
