import assert from "node:assert/strict";
import { test } from "node:test";
import type { DivisionStatus } from "./division-knowledge.ts";
import { checkFoodLicenceNumber, foodLicenceNumber } from "./food-licence-number.ts";
import { checkMobileNumber, maskMobileNumber, syntheticMobileNumber } from "./mobile-number.ts";
import { mod11x2CheckCharacter } from "./mod-11-2.ts";
import { checkPassport } from "./passport.ts";
import {
  checkPermanentResidencePermit,
  checkRegionalResidencePermit,
  syntheticOldPermanentResidence,
  syntheticPermanentResidence,
} from "./residence-permit.ts";
import { checkResidentIdentity, syntheticResidentIdentity } from "./resident-identity.ts";
import { checkUnifiedSocialCredit } from "./unified-social-credit.ts";

const today = Temporal.PlainDate.from("2026-11-21");
const known = (code: string): DivisionStatus =>
  code === "110101" ? "current" : code === "320623" ? "abolished" : "unknown";
function withCheck(body: string): string {
  return body + mod11x2CheckCharacter(body);
}
function fault(result: { status: string; code?: string }): string | undefined {
  return result.status === "error" ? result.code : undefined;
}

test("the example of GB 11643-1999 annex B holds", () => {
  const result = checkResidentIdentity("11010519491231002X", { today });
  assert.equal(result.status, "ok");
  assert.ok(result.status === "ok");
  assert.equal(result.value.birthDate.toString(), "1949-12-31");
  assert.equal(result.value.sex, "female");
  assert.equal(result.value.division, "110105");
});

test("an identity number forgives how it is typed, not what it says", () => {
  assert.equal(checkResidentIdentity(" １１０１０５ 19491231 002x ", { today }).status, "ok");
  assert.equal(fault(checkResidentIdentity("110105194912310021", { today })), "check-digit");
  assert.equal(fault(checkResidentIdentity("1101051949123100", { today })), "length");
  assert.equal(fault(checkResidentIdentity("110105491231002", { today })), "length");
  assert.equal(fault(checkResidentIdentity("11010519491231X02X", { today })), "characters");
  assert.equal(fault(checkResidentIdentity(withCheck("11010120270101001"), { today })), "birth-date-future");
  assert.equal(fault(checkResidentIdentity(withCheck("11010120230229001"), { today })), "birth-date-impossible");
  assert.equal(fault(checkResidentIdentity(withCheck("11010118500101001"), { today })), "birth-date-implausible");
  assert.equal(fault(checkResidentIdentity("1".repeat(10_000), { today })), "length");
});

test("an abolished or unknown division is a warning, never a block", () => {
  const abolished = checkResidentIdentity(withCheck("32062319800101001"), { today, division: known });
  assert.equal(abolished.status, "warning");
  assert.ok(abolished.status === "warning" && abolished.warnings[0]?.en.includes("abolished"));
  assert.equal(checkResidentIdentity(withCheck("99010119800101001"), { today }).status, "warning");
  assert.equal(checkResidentIdentity(withCheck("11010119800101001"), { today, division: known }).status, "ok");
});

test("permits of residents of Hong Kong, Macao and Taiwan", () => {
  for (const [prefix, region] of [
    ["810000", "hong-kong"],
    ["820000", "macao"],
    ["830000", "taiwan"],
  ] as const) {
    const result = checkRegionalResidencePermit(withCheck(`${prefix}19900101002`), { today });
    assert.ok(result.status === "ok" && result.value.region === region);
  }
  assert.equal(fault(checkRegionalResidencePermit("11010519491231002X", { today })), "region");
});

test("permanent residence cards of both forms", () => {
  const birthDate = Temporal.PlainDate.from("1985-03-04");
  const fresh = checkPermanentResidencePermit(
    syntheticPermanentResidence({ nationality: "840", birthDate, sequence: 11 }),
    {
      today,
    },
  );
  assert.ok(fresh.status === "ok" && fresh.value.form === "2023" && fresh.value.nationality === "840");
  const number = syntheticOldPermanentResidence({ nationality: "USA", birthDate, sequence: 1 });
  const old = checkPermanentResidencePermit(number, { today });
  assert.ok(old.status === "ok" && old.value.form === "2017" && old.value.birthDate.equals(birthDate));
  const slip = number.slice(0, 14) + String((Number(number[14]) + 1) % 10);
  assert.equal(checkPermanentResidencePermit(slip, { today }).status, "warning");
  assert.equal(fault(checkPermanentResidencePermit("USA", { today })), "length");
});

test("unified social credit codes", () => {
  // Published codes of well-known companies.
  for (const code of ["91440300708461136T", "914403001922038216", "91330100799655058B"]) {
    assert.equal(checkUnifiedSocialCredit(code).status, "ok", code);
  }
  assert.equal(fault(checkUnifiedSocialCredit("914403001922038217")), "check-character");
  assert.equal(fault(checkUnifiedSocialCredit("91440300192203821I")), "characters");
  assert.equal(fault(checkUnifiedSocialCredit("9144030019220382")), "length");
});

test("food business licence numbers", () => {
  for (const number of ["JY13301080111719", "JY23506230105266"]) {
    assert.equal(checkFoodLicenceNumber(number).status, "ok", number);
  }
  assert.equal(checkFoodLicenceNumber("JY13301080111718").status, "warning");
  assert.equal(fault(checkFoodLicenceNumber("JY43301080111719")), "type");
  assert.equal(fault(checkFoodLicenceNumber("SC13301080111719")), "shape");
  assert.equal(foodLicenceNumber({ type: "sales", division: "330108", sequence: 11171 }), "JY13301080111719");
  assert.throws(() => foodLicenceNumber({ type: "sales", division: "330108", sequence: 1_000_000 }), RangeError);
});

test("passports and mobile numbers", () => {
  assert.equal(checkPassport("E12345678", { issuedBy: "CHN" }).status, "ok");
  assert.equal(checkPassport("ea1234567", { issuedBy: "CHN" }).status, "ok");
  assert.equal(fault(checkPassport("X12345678", { issuedBy: "CHN" })), "shape");
  assert.equal(checkPassport("C01X00T47", { issuedBy: "D" }).status, "ok");
  assert.equal(checkMobileNumber("+86 138-0013-8000").status, "ok");
  assert.equal(fault(checkMobileNumber("12800138000")), "shape");
  assert.equal(checkMobileNumber(syntheticMobileNumber(7)).status, "warning");
  assert.equal(maskMobileNumber("13800138000"), "138****8000");
});

test("a synthetic identity number says so", () => {
  const birthDate = Temporal.PlainDate.from("1990-02-28");
  const result = checkResidentIdentity(syntheticResidentIdentity({ division: "0123", birthDate, sequence: 5 }), {
    today,
    division: () => "current",
  });
  assert.ok(result.status === "ok" && result.value.synthetic && result.value.sex === "male");
});
