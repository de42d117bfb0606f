import { dayBegins } from "#lib/calendar/civil-day";

/** The instant at which a day begins, for valid time. */
export function beginningOf(day: string): string {
  return dayBegins(Temporal.PlainDate.from(day)).toString();
}
