import assert from "node:assert/strict";
import { test } from "node:test";
import { commonAbove } from "./superiors.ts";

const PLACES = [
  { id: "province" },
  { id: "city", parent: "province" },
  { id: "county-a", parent: "city" },
  { id: "county-b", parent: "city" },
  { id: "police-a", parent: "county-a" },
  { id: "market-a", parent: "county-a" },
  { id: "market-b", parent: "county-b" },
];

test("the common superior is the lowest authority above both, and those above it", () => {
  assert.deepEqual(commonAbove(PLACES, "police-a", "market-a"), ["county-a", "city", "province"]);
  assert.deepEqual(commonAbove(PLACES, "police-a", "market-b"), ["city", "province"]);
  assert.deepEqual(commonAbove(PLACES, "police-a", "county-a"), ["city", "province"]);
  assert.deepEqual(commonAbove(PLACES, "police-a", "city"), ["province"]);
});

test("where nobody stands above one of them, the one at the top is left; of strangers, nobody", () => {
  assert.deepEqual(commonAbove(PLACES, "province", "city"), ["province"]);
  assert.deepEqual(commonAbove(PLACES, "province", "elsewhere"), []);
});

test("a circle of parents by mistake ends", () => {
  const circle = [
    { id: "a", parent: "b" },
    { id: "b", parent: "a" },
  ];
  assert.deepEqual(commonAbove(circle, "a", "b"), ["b", "a"]);
});
