import { examine, good, note, Refusal, type Report } from "./report.ts";

const NUMBER = /^JY([1-3])([0-9]{6})([0-9]{6})([0-9])$/;

/** The check digit of GB/T 17710, MOD 11,10, over digits. */
export function checkDigit(digits: string): number {
  let product = 10;
  for (const digit of digits) {
    const sum = (product + Number(digit)) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10;
}

/** Checks the form and check digit of a food business licence number. */
export function verifyLicenceNumber(number: string): Promise<Report> {
  return examine("licence-number", (found, facts) => {
    const [, type, division, sequence, digit] = NUMBER.exec(number.trim()) ?? [];
    if (type === undefined || division === undefined || sequence === undefined) {
      throw new Refusal(
        "number-form",
        "不是食品经营许可证编号：应为 JY 加 14 位数字",
        "Not a food business licence number: JY and 14 digits",
      );
    }
    const expected = checkDigit(type + division + sequence);
    if (String(expected) !== digit) {
      throw new Refusal(
        "check-digit",
        `校验码有误：应为 ${expected}`,
        `The check digit is wrong: it should be ${expected}`,
      );
    }
    Object.assign(facts, { type: Number(type), division, sequence });
    found.push(good("check-digit", "编号格式和校验码正确", "Form and check digit of the number are right"));
    found.push(
      note(
        "number-only",
        "编号正确不等于许可证真实有效",
        "A right number does not mean that the licence exists or is in force",
      ),
    );
  });
}
