import { TAG, writeDer } from "#lib/asn1/der";
import { utf8 } from "#lib/crypto/bytes";

/** From this year on GeneralizedTime is written, UTCTime before (RFC 5280 §4.1.2.5). */
const GENERALIZED_FROM_YEAR = 2050;
const FIRST_YEAR = 1950;
const LAST_YEAR = 9999;

/** Writes an instant, to the second. @throws {RangeError} for a year before 1950 or after 9999 */
export function writeTime(at: Temporal.Instant): Uint8Array {
  const { year } = at.toZonedDateTimeISO("UTC");
  if (year < FIRST_YEAR || year > LAST_YEAR) throw new RangeError("a year that a certificate cannot name");
  const digits = `${at.toString({ smallestUnit: "second" }).replace(/[-:TZ]/g, "")}Z`;
  return year < GENERALIZED_FROM_YEAR
    ? writeDer(TAG.utcTime, utf8(digits.slice(2)))
    : writeDer(TAG.generalizedTime, utf8(digits));
}
