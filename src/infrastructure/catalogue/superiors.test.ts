import assert from "node:assert/strict";
import { test } from "node:test";
import { commonAbove, placesOf } from "./superiors.ts";

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

test("across nodes, whoever stands at the top of a division is below the government of the division around it", () => {
  const listed = (id: string, division: string, parent?: string, isGovernment = true) => ({
    ...{ id, division, isGovernment, name: { zh: id, en: id } },
    ...(parent !== undefined && { parent }),
  });
  const directory = [
    listed("centre", "000000"),
    listed("province", "990000"),
    listed("police-p", "990000", "province"),
    listed("county", "990101"),
    listed("congress", "990101", undefined, false),
    listed("market", "990101", "county"),
    listed("other-county", "990102"),
  ];
  // The node that is asked knows those of its own division.
  const places = placesOf([{ id: "province" }, { id: "police-p", parent: "province" }], directory);
  assert.deepEqual(commonAbove(places, "market", "police-p"), ["province", "centre"]);
  assert.deepEqual(commonAbove(places, "market", "other-county"), ["province", "centre"]);
  assert.deepEqual(commonAbove(places, "congress", "market"), ["county", "province", "centre"]);
  assert.deepEqual(commonAbove(placesOf([{ id: "a" }, { id: "b", parent: "a" }], []), "a", "b"), ["a"], "a node alone");
});
