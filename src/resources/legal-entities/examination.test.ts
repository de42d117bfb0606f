import assert from "node:assert/strict";
import { test } from "node:test";
import { syntheticUnifiedSocialCredit } from "#lib/identifiers/unified-social-credit";
import { examineOrganization } from "./examination.ts";

const known = { today: "2026-03-02", division: () => "current" as const };
const shop = {
  name: "清源县翠竹小吃店",
  creditCode: syntheticUnifiedSocialCredit({ kind: "92", division: "0101", sequence: 1 }),
  kind: "individual-business",
  representative: "f179369d-c1a6-492a-afe2-841836bb078b",
  division: "990101002",
  address: "清源县湖滨街道翠竹路27号",
  businessScope: "餐饮服务",
  establishedOn: "2025-10-15",
  status: "active",
} as const;

const paths = (issues: readonly { path: string }[]) => issues.map(({ path }) => path);

test("A coherent entry passes, its code in capitals", () => {
  const found = examineOrganization({ ...shop, creditCode: shop.creditCode.toLowerCase() }, known);
  assert.deepEqual([found.errors, found.warnings], [[], []]);
  assert.equal(found.organization.creditCode, shop.creditCode);
});

test("A wrong check character is an error at the code", () => {
  const last = shop.creditCode.endsWith("0") ? "1" : "0";
  const found = examineOrganization({ ...shop, creditCode: shop.creditCode.slice(0, 17) + last }, known);
  assert.deepEqual(paths(found.errors), ["creditCode"]);
});

test("A kind that does not fit the code, and an unknown division, are warnings", () => {
  const found = examineOrganization({ ...shop, kind: "enterprise" }, { today: known.today, division: () => "unknown" });
  assert.deepEqual(found.errors, []);
  assert.deepEqual(paths(found.warnings).sort(), ["creditCode", "kind"]);
});

test("Nothing is established in the future", () => {
  assert.deepEqual(paths(examineOrganization({ ...shop, establishedOn: "2026-03-03" }, known).errors), [
    "establishedOn",
  ]);
  assert.deepEqual(examineOrganization({ ...shop, establishedOn: known.today }, known).errors, []);
});
