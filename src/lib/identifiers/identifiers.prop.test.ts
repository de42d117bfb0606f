import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkFoodLicenceNumber, foodLicenceNumber } from "./food-licence-number.ts";
import { checkResidentIdentity, syntheticResidentIdentity } from "./resident-identity.ts";
import { checkUnifiedSocialCredit, syntheticUnifiedSocialCredit } from "./unified-social-credit.ts";

const today = Temporal.PlainDate.from("2026-11-21");
const birthDates = fc
  .integer({ min: 0, max: 36_000 })
  .map((days) => Temporal.PlainDate.from("1926-01-01").add({ days }));
const fourDigits = fc.integer({ min: 0, max: 9999 }).map((value) => String(value).padStart(4, "0"));
const identities = fc
  .record({ division: fourDigits, birthDate: birthDates, sequence: fc.integer({ min: 0, max: 999 }) })
  .map((parts) => ({ parts, number: syntheticResidentIdentity(parts) }));

test("a made identity number is read back as it was made", () => {
  fc.assert(
    fc.property(identities, ({ parts, number }) => {
      const result = checkResidentIdentity(number, { today, division: () => "current" });
      assert.ok(result.status === "ok");
      assert.ok(result.value.birthDate.equals(parts.birthDate));
      assert.equal(result.value.sex, parts.sequence % 2 === 1 ? "male" : "female");
    }),
  );
});

test("no single wrong digit and no swap of neighbours passes", () => {
  fc.assert(
    fc.property(identities, fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 9 }), ({ number }, at, add) => {
      const slipped = number.slice(0, at) + String((Number(number[at]) + add) % 10) + number.slice(at + 1);
      assert.equal(checkResidentIdentity(slipped, { today }).status, "error");
      const swapped = number.slice(0, at) + number.charAt(at + 1) + number.charAt(at) + number.slice(at + 2);
      if (swapped !== number) assert.equal(checkResidentIdentity(swapped, { today }).status, "error");
    }),
  );
});

test("a made credit code passes, and no other last character does", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("91", "92", "93", "52", "12"),
      fourDigits,
      fc.integer({ min: 0, max: 9_999_999 }),
      fc.constantFrom(..."0123456789ABCDEFGHJKLMNPQRTUWXY"),
      (kind, division, sequence, last) => {
        const code = syntheticUnifiedSocialCredit({ kind, division, sequence });
        assert.equal(checkUnifiedSocialCredit(code, { division: () => "current" }).status, "ok");
        if (last !== code[17]) assert.equal(checkUnifiedSocialCredit(code.slice(0, 17) + last).status, "error");
      },
    ),
  );
});

test("a made licence number is read back as it was made", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("sales" as const, "catering" as const, "canteen" as const),
      fourDigits,
      fc.integer({ min: 1, max: 999_999 }),
      (type, division, sequence) => {
        const number = foodLicenceNumber({ type, division: `99${division}`, sequence });
        const result = checkFoodLicenceNumber(number, { division: () => "current" });
        assert.ok(result.status === "ok" && result.value.sequence === sequence && result.value.type === type);
      },
    ),
  );
});

test("whatever is typed gets an answer", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40, unit: "binary" }), (input) => {
      assert.ok(checkResidentIdentity(input, { today }).status);
      assert.ok(checkUnifiedSocialCredit(input).status);
      assert.ok(checkFoodLicenceNumber(input).status);
    }),
  );
});
