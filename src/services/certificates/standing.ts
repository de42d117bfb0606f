/** Whether a licence is in force on a day, in words. */
import { fill, type Language, type Text, text } from "#lib/language/text";
import { formatDate } from "#ui/format";
import type { END_TEXTS } from "./contract.ts";
import type { LicenceCertificate } from "./implement.ts";

export type Standing = "valid" | "not-yet-valid" | "expired" | keyof typeof END_TEXTS;

/** @param today a day of Asia/Shanghai */
export function standingOf(
  licence: Pick<LicenceCertificate, "status" | "validFrom" | "validUntil">,
  today: string,
): Standing {
  if (licence.status !== "valid") return licence.status;
  if (today < licence.validFrom) return "not-yet-valid";
  return today > licence.validUntil ? "expired" : "valid";
}

const SAYS: Readonly<Record<Standing, Text>> = {
  valid: text("许可证有效，有效期至 {until}。", "The licence is in force until {until}."),
  "not-yet-valid": text(
    "许可证自 {from}起生效，目前尚未生效。",
    "The licence comes into force on {from}; it is not in force yet.",
  ),
  expired: text("许可证已于 {until}期满，现已失效。", "The licence ended on {until}; it is no longer in force."),
  revoked: text("许可证已于 {ended}被撤销，不再有效。", "The licence was revoked on {ended}; it is not in force."),
  withdrawn: text("许可证已于 {ended}被撤回，不再有效。", "The licence was withdrawn on {ended}; it is not in force."),
  annulled: text("许可证已于 {ended}被吊销，不再有效。", "The licence was annulled on {ended}; it is not in force."),
  deregistered: text(
    "许可证已于 {ended}注销，不再有效。",
    "The licence was deregistered on {ended}; it is not in force.",
  ),
};

export function standingText(licence: LicenceCertificate, today: string): Text {
  const says = SAYS[standingOf(licence, today)];
  const said = (language: Language) => {
    const day = (iso: string | undefined) =>
      iso === undefined ? "" : formatDate(Temporal.PlainDate.from(iso), language, { year: true });
    const { validFrom, validUntil, endedOn } = licence;
    return fill(says, { from: day(validFrom), until: day(validUntil), ended: day(endedOn) })[language];
  };
  return text(said("zh"), said("en"));
}

/** What anyone may know of a licence: nothing about the person who represents the business. */
export function publicFacts(licence: LicenceCertificate) {
  const { number, kind, holderName, holderCode, premises, businessType, scope } = licence;
  const { authorityName, issuedOn, validFrom, validUntil } = licence;
  return {
    ...{ number, kind, holderName, holderCode, premises, businessType, scope },
    ...{ authorityName, issuedOn, validFrom, validUntil },
  };
}
