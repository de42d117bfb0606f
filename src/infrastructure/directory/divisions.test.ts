import assert from "node:assert/strict";
import { test } from "node:test";
import { divisionLevel, parentDivision, referenceDivision, referenceDivisions } from "./divisions.ts";

test("Provinces are listed, with those whose divisions the reference data lacks", async () => {
  const provinces = await referenceDivisions();
  assert.equal(provinces.length, 34);
  for (const name of ["北京市", "浙江省", "台湾省", "香港特别行政区", "澳门特别行政区"]) {
    assert.ok(
      provinces.some((province) => province.name === name),
      name,
    );
  }
});

test("A county and its towns are found by their codes", async () => {
  assert.deepEqual(await referenceDivision("330106"), { code: "330106", name: "西湖区", level: "county" });
  const towns = await referenceDivisions("330106");
  assert.ok(towns.length > 5);
  assert.ok(towns.every((town) => town.level === "town" && town.code.startsWith("330106") && town.name !== ""));
  assert.equal((await referenceDivision(towns[0]?.code ?? ""))?.name, towns[0]?.name);
});

test("The prefix 99 is not assigned: what is synthetic can belong to nobody", async () => {
  for (const code of ["99", "9901", "990101", "990101001"]) assert.equal(await referenceDivision(code), undefined);
});

test("Levels and parents follow from a code's length", () => {
  assert.equal(divisionLevel("99"), "province");
  assert.equal(parentDivision("99"), undefined);
  assert.equal(parentDivision("9901"), "99");
  assert.equal(parentDivision("990101"), "9901");
  assert.equal(parentDivision("990101001"), "990101");
  assert.throws(() => divisionLevel("990"), RangeError);
});
