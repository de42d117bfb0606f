/** Times of certificates as the register has them. */
export function instant(milliseconds: number): string {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds).toString();
}

/** The month (UTC) in which a certificate ends, `2027-03`: by it those that end soon are found. */
export function monthOf(milliseconds: number): string {
  return instant(milliseconds).slice(0, 7);
}
