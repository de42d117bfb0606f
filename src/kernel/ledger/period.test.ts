import assert from "node:assert/strict";
import { test } from "node:test";
import { hasEnded, periodOf, sealedBy, sealedByName, spanOf } from "./period.ts";

test("a period is a month and its years, and ends when the last day's years are over", () => {
  const period = periodOf("2026-11-30T23:59:59.999Z", 3);
  assert.equal(period, "3y202611");
  assert.deepEqual(spanOf("3y202611"), {
    from: "2026-11-01T00:00:00Z",
    to: "2026-12-01T00:00:00Z",
    ends: "2029-12-01T00:00:00Z",
  });
  assert.equal(hasEnded("3y202611", "2029-11-30T23:59:59.999Z"), false);
  assert.equal(hasEnded("3y202611", "2029-12-01T00:00:00Z"), true);
  assert.deepEqual(spanOf("30y202002")?.ends, "2050-03-01T00:00:00Z");
});

test("what is no period has no end, and no key is named after it", () => {
  for (const wrong of ["", "3y202613", "3y202600", "3y20261", "y202611", "0003y202611", "3y202611-"]) {
    assert.equal(spanOf(wrong), undefined, wrong);
    assert.equal(hasEnded(wrong, "2999-01-01T00:00:00Z"), false, wrong);
  }
  for (const years of [0, -1, 1.5, 1_000, Number.NaN]) assert.equal(periodOf("2026-11-30T00:00:00Z", years), undefined);
  assert.equal(periodOf("not a time", 3), undefined);
});

test("a key's name tells generation and period", () => {
  const id = sealedByName("k0123456789ab", "3y202611");
  assert.ok(/^[a-z0-9-]{1,32}$/.test(id) && /^[a-z0-9-]{1,32}$/.test(sealedByName("k0123456789ab", "999y202611")));
  assert.deepEqual(sealedBy(id), { generation: "k0123456789ab", period: "3y202611" });
  assert.deepEqual(sealedBy("k0123456789ab"), { generation: "k0123456789ab" });
  assert.deepEqual(sealedBy("ledger-1"), { generation: "ledger-1" });
  assert.deepEqual(sealedBy("k0123456789ab-3y202613"), { generation: "k0123456789ab-3y202613" });
});
