import { type Text, text } from "#lib/language/text";
import { type DivisionKnowledge, divisionWarnings, isSyntheticDivision } from "./division-knowledge.ts";
import { accepted, type IdentifierResult, normaliseIdentifier, rejected } from "./identifier-result.ts";
import { mod11x10CheckDigit, mod11x10Holds } from "./mod-11-10.ts";

export type FoodBusinessType = "sales" | "catering" | "canteen";

/** A food business licence number (食品经营许可证编号): JY and 14 digits. */
export interface FoodLicenceNumber {
  readonly number: string;
  readonly type: FoodBusinessType;
  readonly division: string;
  readonly sequence: number;
  readonly synthetic: boolean;
}

export type FoodLicenceNumberFault = "shape" | "type";

const TYPES: Readonly<Record<string, FoodBusinessType>> = { "1": "sales", "2": "catering", "3": "canteen" };
const TYPE_DIGITS: Readonly<Record<FoodBusinessType, string>> = { sales: "1", catering: "2", canteen: "3" };
export const FOOD_LICENCE_SEQUENCE_MAX = 999_999;

/** Checks the shape; a wrong check digit is a warning alone, since the number may be another authority's. */
export function checkFoodLicenceNumber(
  input: string,
  options: { readonly division?: DivisionKnowledge } = {},
): IdentifierResult<FoodLicenceNumber, FoodLicenceNumberFault> {
  const number = normaliseIdentifier(input);
  if (!/^JY\d{14}$/.test(number)) {
    return rejected(
      "shape",
      text("食品经营许可证编号为JY加14位数字。", "A food business licence number is JY and 14 digits."),
    );
  }
  const type = TYPES[number.charAt(2)];
  if (type === undefined) {
    return rejected(
      "type",
      text(
        "编号第3位应为1（食品销售）、2（餐饮服务）或3（单位食堂）。",
        "The digit after JY is 1 (sales), 2 (catering) or 3 (canteen).",
      ),
    );
  }
  const division = number.slice(3, 9);
  const warnings: Text[] = [...divisionWarnings(division, options.division)];
  if (!mod11x10Holds(number.slice(2))) {
    warnings.push(text("编号末位校验不符，请对照证书核对。", "The last digit does not fit; compare with the licence."));
  }
  return accepted(
    { number, type, division, sequence: Number(number.slice(9, 15)), synthetic: isSyntheticDivision(division) },
    warnings,
  );
}

/** Puts a number together: JY, type, six digits of division, six of sequence, check digit. */
export function foodLicenceNumber(parts: {
  readonly type: FoodBusinessType;
  readonly division: string;
  readonly sequence: number;
}): string {
  const { type, division, sequence } = parts;
  if (!/^\d{6}$/.test(division)) throw new RangeError("division must be six digits");
  if (!Number.isInteger(sequence) || sequence < 1 || sequence > FOOD_LICENCE_SEQUENCE_MAX) {
    throw new RangeError(`sequence must be 1 to ${FOOD_LICENCE_SEQUENCE_MAX}`);
  }
  const body = `${TYPE_DIGITS[type]}${division}${String(sequence).padStart(6, "0")}`;
  return `JY${body}${mod11x10CheckDigit(body)}`;
}
