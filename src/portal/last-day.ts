import { civilDay } from "#lib/calendar/civil-day";
import type { Language } from "#lib/language/text";
import { formatDate } from "#ui/format";

/** The last day of a period whose timer fires when that day is over. */
export function lastDayText(firesAt: string, language: Language): string {
  return formatDate(civilDay(Temporal.Instant.from(firesAt).subtract({ milliseconds: 1 })), language);
}
