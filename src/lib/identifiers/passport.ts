import { text } from "#lib/language/text";
import { type IdentifierResult, normaliseIdentifier, rejected } from "./identifier-result.ts";

export interface Passport {
  readonly number: string;
  /** Issuing state, three letters of ISO 3166-1; CHN for a Chinese passport. */
  readonly issuedBy: string;
}
export type PassportFault = "issuer" | "shape";

// Ordinary: E with eight digits, or E, a letter (not I or O) and seven digits; G and older forms; official: D, S, P.
const CHINESE = /^(E\d{8}|E[A-HJ-NP-Z]\d{7}|G\d{8}|1[45]\d{7}|[DSP]\d{7,8}|[DSP]E\d{7})$/;
// ICAO 9303-4: at most nine characters in the document number field; a few states write longer numbers elsewhere.
const FOREIGN = /^[A-Z0-9]{5,12}$/;

/** Checks the shape of a passport number, strictly for a Chinese one. */
export function checkPassport(
  input: string,
  options: { readonly issuedBy: string },
): IdentifierResult<Passport, PassportFault> {
  const number = normaliseIdentifier(input);
  const issuedBy = normaliseIdentifier(options.issuedBy);
  if (!/^[A-Z]{1,3}$/.test(issuedBy)) {
    return rejected("issuer", text("请选择护照签发国家或地区。", "Choose the state that issued the passport."));
  }
  if (!(issuedBy === "CHN" ? CHINESE : FOREIGN).test(number)) {
    return rejected(
      "shape",
      issuedBy === "CHN"
        ? text("护照号码格式不符，例如 E12345678。", "This is not a Chinese passport number, such as E12345678.")
        : text("护照号码应为5至12位字母或数字。", "A passport number has 5 to 12 letters and digits."),
    );
  }
  return { status: "ok", value: { number, issuedBy } };
}
