import { text } from "#lib/language/text";
import { type BirthDateFault, readBirthDate } from "./birth-date.ts";
import {
  type DivisionKnowledge,
  divisionWarnings,
  isSyntheticDivision,
  SYNTHETIC_DIVISION_PREFIX,
} from "./division-knowledge.ts";
import { accepted, type IdentifierResult, normaliseIdentifier, rejected } from "./identifier-result.ts";
import { mod11x2CheckCharacter } from "./mod-11-2.ts";

export type Sex = "male" | "female";

/** What a citizen's identity number (公民身份号码, GB 11643-1999) says. */
export interface ResidentIdentity {
  /** 18 characters, an ending X in capitals. */
  readonly number: string;
  readonly division: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: Sex;
  /** The unassigned prefix 99: belongs to nobody. */
  readonly synthetic: boolean;
}

export type ResidentIdentityFault = "length" | "characters" | "check-digit" | BirthDateFault;

export interface IdentityCheck {
  /** Today in Asia/Shanghai. */
  readonly today: Temporal.PlainDate;
  /** Without it, only the province is looked at. */
  readonly division?: DivisionKnowledge;
}

/** Checks a citizen's identity number: shape, birth date, check digit; an abolished or unknown division is a warning. */
export function checkResidentIdentity(
  input: string,
  check: IdentityCheck,
): IdentifierResult<ResidentIdentity, ResidentIdentityFault> {
  const number = normaliseIdentifier(input);
  if (number.length === 15 && /^\d+$/.test(number)) {
    return rejected(
      "length",
      text(
        "15位旧身份号码已停用，请填写18位号码。",
        "Old 15-digit identity numbers are no longer valid; give the 18-digit number.",
      ),
    );
  }
  const read = readEighteenDigits(number, check.today);
  if (read.status === "error") return read;
  const division = number.slice(0, 6);
  return accepted(
    { ...read.value, division, synthetic: isSyntheticDivision(division) },
    divisionWarnings(division, check.division),
  );
}

/** The part that residence permits share with identity cards. */
export function readEighteenDigits(
  number: string,
  today: Temporal.PlainDate,
): IdentifierResult<{ number: string; birthDate: Temporal.PlainDate; sex: Sex }, ResidentIdentityFault> {
  if (number.length !== 18) {
    return rejected(
      "length",
      text("身份号码应为18位，请核对位数。", "An identity number has 18 characters; count them."),
    );
  }
  if (!/^\d{17}[\dX]$/.test(number)) {
    return rejected(
      "characters",
      text("身份号码前17位为数字，末位为数字或X。", "An identity number has 17 digits, then a digit or X."),
    );
  }
  const birth = readBirthDate(number.slice(6, 14), today);
  if ("fault" in birth) return rejected(birth.fault, birth.error);
  if (mod11x2CheckCharacter(number.slice(0, 17)) !== number[17]) {
    return rejected(
      "check-digit",
      text(
        "身份号码校验不符，可能有一位填错，请核对。",
        "The check digit does not fit: one digit is probably wrong; compare with the card.",
      ),
    );
  }
  return {
    status: "ok",
    value: { number, birthDate: birth.date, sex: Number(number[16]) % 2 === 1 ? "male" : "female" },
  };
}

/**
 * Makes a valid number that belongs to nobody: its division begins with 99.
 * @param parts.division four digits that follow the prefix 99
 * @param parts.sequence 0–999; odd for men
 */
export function syntheticResidentIdentity(parts: {
  readonly division: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sequence: number;
}): string {
  const birth = parts.birthDate.toString().replaceAll("-", "");
  const body = `${SYNTHETIC_DIVISION_PREFIX}${parts.division}${birth}${String(parts.sequence).padStart(3, "0")}`;
  if (!/^\d{17}$/.test(body)) throw new RangeError("division must be four digits, sequence 0 to 999");
  return body + mod11x2CheckCharacter(body);
}
