import { text } from "#lib/language/text";
import { readBirthDate } from "./birth-date.ts";
import { accepted, type IdentifierResult, normaliseIdentifier, rejected } from "./identifier-result.ts";
import { mod11x2CheckCharacter } from "./mod-11-2.ts";
import { type IdentityCheck, type ResidentIdentityFault, readEighteenDigits, type Sex } from "./resident-identity.ts";

export type Region = "hong-kong" | "macao" | "taiwan";

/** 港澳台居民居住证: 18 characters as on an identity card, the division being 810000, 820000 or 830000. */
export interface RegionalResidencePermit {
  readonly number: string;
  readonly region: Region;
  readonly birthDate: Temporal.PlainDate;
  readonly sex: Sex;
}

// 港澳台居民居住证申领发放办法 §6
const REGIONS: Readonly<Record<string, Region>> = { "810000": "hong-kong", "820000": "macao", "830000": "taiwan" };

export function checkRegionalResidencePermit(
  input: string,
  check: Pick<IdentityCheck, "today">,
): IdentifierResult<RegionalResidencePermit, ResidentIdentityFault | "region"> {
  const number = normaliseIdentifier(input);
  const read = readEighteenDigits(number, check.today);
  if (read.status === "error") return read;
  const region = REGIONS[number.slice(0, 6)];
  if (region === undefined) {
    return rejected(
      "region",
      text(
        "港澳台居民居住证号码以810000、820000或830000开头。",
        "This permit's number begins with 810000, 820000 or 830000.",
      ),
    );
  }
  return { status: "ok", value: { ...read.value, region } };
}

/** 外国人永久居留身份证, in the form of 2017 (15 characters) or of 2023 (18 digits that begin with 9). */
export interface PermanentResidencePermit {
  readonly number: string;
  readonly form: "2017" | "2023";
  /** ISO 3166-1: three letters (2017) or three digits (2023). */
  readonly nationality: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sex?: Sex;
}

export type PermanentResidenceFault = ResidentIdentityFault;

export function checkPermanentResidencePermit(
  input: string,
  check: Pick<IdentityCheck, "today">,
): IdentifierResult<PermanentResidencePermit, PermanentResidenceFault> {
  const number = normaliseIdentifier(input);
  if (number.length === 18) return readNewForm(number, check.today);
  if (number.length === 15) return readOldForm(number, check.today);
  return rejected(
    "length",
    text(
      "外国人永久居留身份证号码为18位（新版）或15位（旧版）。",
      "A permanent residence number has 18 digits (new card) or 15 characters (old card).",
    ),
  );
}

// 9, two digits of the province, three of the nationality, birth date, three of sequence, check digit.
function readNewForm(
  number: string,
  today: Temporal.PlainDate,
): IdentifierResult<PermanentResidencePermit, PermanentResidenceFault> {
  if (!number.startsWith("9")) {
    return rejected("characters", text("新版号码以9开头。", "The new card's number begins with 9."));
  }
  const read = readEighteenDigits(number, today);
  if (read.status === "error") return read;
  return { status: "ok", value: { ...read.value, form: "2023", nationality: number.slice(3, 6) } };
}

// Three letters of the nationality, four digits of the division, six of the birth date, one of sequence, check digit.
function readOldForm(
  number: string,
  today: Temporal.PlainDate,
): IdentifierResult<PermanentResidencePermit, PermanentResidenceFault> {
  if (!/^[A-Z]{3}\d{12}$/.test(number)) {
    return rejected(
      "characters",
      text("旧版号码为3个字母和12位数字。", "The old card's number is 3 letters and 12 digits."),
    );
  }
  const shortYear = number.slice(7, 9);
  const century =
    Number(shortYear) > today.year % 100 ? Math.floor(today.year / 100) - 1 : Math.floor(today.year / 100);
  const birth = readBirthDate(`${century}${number.slice(7, 13)}`, today);
  if ("fault" in birth) return rejected(birth.fault, birth.error);
  const warnings =
    weighted731(number.slice(0, 14)) === Number(number[14])
      ? []
      : [text("末位校验不符，请核对证件原件。", "The last digit does not fit; check the original card.")];
  return accepted({ number, form: "2017", nationality: number.slice(0, 3), birthDate: birth.date }, warnings);
}

// ICAO 9303-3 §4.9
function weighted731(characters: string): number {
  const weights = [7, 3, 1];
  let sum = 0;
  for (let at = 0; at < characters.length; at++)
    sum += Number.parseInt(characters[at] ?? "0", 36) * (weights[at % 3] ?? 0);
  return sum % 10;
}

/** Makes a valid number of the 2023 form; its province 99 is not assigned. */
export function syntheticPermanentResidence(parts: {
  /** Three digits of ISO 3166-1. */
  readonly nationality: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sequence: number;
}): string {
  const birth = parts.birthDate.toString().replaceAll("-", "");
  const body = `999${parts.nationality}${birth}${String(parts.sequence).padStart(3, "0")}`;
  if (!/^\d{17}$/.test(body)) throw new RangeError("nationality must be three digits, sequence 0 to 999");
  return body + mod11x2CheckCharacter(body);
}

/** Makes a number of the 2017 form that passes; its division 9900 is not assigned. */
export function syntheticOldPermanentResidence(parts: {
  /** Three letters of ISO 3166-1. */
  readonly nationality: string;
  readonly birthDate: Temporal.PlainDate;
  readonly sequence: number;
}): string {
  const birth = parts.birthDate.toString().replaceAll("-", "").slice(2);
  const body = `${parts.nationality}9900${birth}${parts.sequence}`;
  if (!/^[A-Z]{3}\d{11}$/.test(body)) throw new RangeError("nationality must be three letters, sequence 0 to 9");
  return body + String(weighted731(body));
}
