import assert from "node:assert/strict";
import { test } from "node:test";
import { standInLine } from "./line.ts";

const ABOVE: Readonly<Record<string, string | undefined>> = {
  centre: undefined,
  province: "centre",
  city: "province",
  county: "city",
  neighbour: "city",
  lost: "circle",
  circle: "lost",
};
const inLine = (one: string, other: string) =>
  standInLine((code) => (code in ABOVE ? { above: ABOVE[code] } : undefined), one, other);

test("a node is in line with those above and below it, and not with those beside it", () => {
  assert.equal(inLine("county", "centre"), true);
  assert.equal(inLine("province", "county"), true);
  assert.equal(inLine("county", "neighbour"), false);
  assert.equal(inLine("county", "county"), false);
  assert.equal(inLine("county", "nowhere"), false);
  assert.equal(inLine("lost", "county"), false);
});
