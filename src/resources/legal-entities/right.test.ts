import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "#kernel/registers/handle";
import { headRight, isValidOn, rightOf } from "./right.ts";

const SHOP = "01fe8e78-2a0d-4de7-ad57-818b223dd2fe";
const OWNER = "f179369d-c1a6-492a-afe2-841836bb078b";
const AGENT = "0ab1b0fe-6306-4a09-965f-0da1fa40363b";

function entry<V>(key: string, value: V): Entry<V> {
  const provenance = { authority: "test", legalBasis: [], actId: SHOP };
  const since = "2025-10-14T16:00:00Z";
  return { key, value, validFrom: since, validTo: undefined, recordedFrom: since, recordedTo: undefined, provenance };
}

const shop = entry(SHOP, {
  name: "清源县翠竹小吃店",
  creditCode: "92990101M000000191",
  kind: "individual-business" as const,
  representative: OWNER,
  division: "990101002",
  address: "清源县湖滨街道翠竹路27号",
  businessScope: "餐饮服务",
  establishedOn: "2025-10-15",
  status: "active" as const,
});
const letter = {
  organization: SHOP,
  agent: AGENT,
  scope: "licensing" as const,
  from: "2026-01-01",
  to: "2026-06-30",
  grantedBy: OWNER,
};

test("The operator of an individual business acts as operator, the head of an enterprise as legal representative", () => {
  assert.deepEqual(rightOf(OWNER, shop, [], { day: "2026-03-02" }), { right: "operator" });
  assert.equal(headRight("enterprise"), "legal-representative");
});

test("An agent acts from the first day to the last, and not after the letter was revoked", () => {
  assert.equal(isValidOn(letter, "2025-12-31"), false);
  assert.equal(isValidOn(letter, "2026-01-01"), true);
  assert.equal(isValidOn(letter, "2026-06-30"), true);
  assert.equal(isValidOn(letter, "2026-07-01"), false);
  assert.equal(isValidOn({ ...letter, revokedAt: "2026-02-01T02:00:00Z" }, "2026-03-02"), false);
  assert.equal(rightOf(AGENT, shop, [entry("l", letter)], { day: "2026-03-02" })?.right, "agent");
});

test("Somebody else has no right, whatever letters other people or other organizations gave", () => {
  assert.equal(rightOf(AGENT, shop, [], { day: "2026-03-02" }), undefined);
  assert.equal(
    rightOf(AGENT, shop, [entry("l", { ...letter, organization: OWNER })], { day: "2026-03-02" }),
    undefined,
  );
  assert.equal(rightOf(AGENT, shop, [entry("l", { ...letter, agent: OWNER })], { day: "2026-03-02" }), undefined);
});
