import { text } from "#lib/language/text";
import { accepted, type IdentifierResult, normaliseIdentifier, rejected } from "./identifier-result.ts";

export interface MobileNumber {
  /** Eleven digits, without the country code. */
  readonly number: string;
  /** Begins with 99, which no operator has: belongs to nobody. */
  readonly synthetic: boolean;
}
export type MobileNumberFault = "shape";

/** Checks a mobile number of the mainland; a country code +86 or 0086 may stand before it. */
export function checkMobileNumber(input: string): IdentifierResult<MobileNumber, MobileNumberFault> {
  const number = normaliseIdentifier(input)
    .replace(/[()]/g, "")
    .replace(/^(\+86|0086)/, "");
  const synthetic = /^99\d{9}$/.test(number);
  if (!synthetic && !/^1[3-9]\d{9}$/.test(number)) {
    return rejected(
      "shape",
      text("手机号码为11位数字，以13至19开头。", "A mobile number has 11 digits and begins with 13 to 19."),
    );
  }
  return accepted(
    { number, synthetic },
    synthetic ? [text("这是演示号码，不会收到短信。", "This is a demonstration number; no message can reach it.")] : [],
  );
}

/** Shows the first three and last four digits: 138****1234. */
export function maskMobileNumber(number: string): string {
  return number.length < 8 ? "****" : `${number.slice(0, 3)}****${number.slice(-4)}`;
}

/** Makes a number that belongs to nobody. @param sequence 0–999,999,999 */
export function syntheticMobileNumber(sequence: number): string {
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > 999_999_999)
    throw new RangeError("sequence: nine digits");
  return `99${String(sequence).padStart(9, "0")}`;
}
