import assert from "node:assert/strict";
import { test } from "node:test";
import { withClaim } from "./correction.ts";

const person = {
  name: "林晓竹",
  documentKind: "resident-identity",
  documentNumber: "990101198804120022",
  sex: "female",
  birthDate: "1988-04-12",
  nationality: "CHN",
  division: "990101002",
  address: "清源县湖滨街道翠竹路27号",
  lifeStatus: "alive",
} as const;

test("A claim replaces the one attribute of which it speaks", () => {
  assert.deepEqual(withClaim(person, "address", " 清源县清源街道桂花巷5号 "), {
    ...person,
    address: "清源县清源街道桂花巷5号",
  });
});

test("People write a sex as they say it", () => {
  for (const said of ["男", "male", "Male"]) assert.equal(withClaim(person, "sex", said)?.sex, "male");
});

test("A claim that is no value of the attribute is none", () => {
  assert.equal(withClaim(person, "birthDate", "spring of 1988"), undefined);
  assert.equal(withClaim(person, "sex", "unsure"), undefined);
  assert.equal(withClaim(person, "name", "   "), undefined);
  assert.equal(withClaim(person, "nationality", "中国"), undefined);
});
