/** Statutory days are days of this zone; it has had no daylight saving time since 1991. */
export const CIVIL_TIME_ZONE = "Asia/Shanghai";

/** The day on which an instant falls. */
export function civilDay(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(CIVIL_TIME_ZONE).toPlainDate();
}

/** Midnight at the beginning of a day. */
export function dayBegins(day: Temporal.PlainDate): Temporal.Instant {
  return day.toZonedDateTime(CIVIL_TIME_ZONE).toInstant();
}

/** The first instant after a day: when a period whose last day it is has run out. */
export function dayEnds(day: Temporal.PlainDate): Temporal.Instant {
  return dayBegins(day.add({ days: 1 }));
}

/** An instant as people read it: `2026-11-21 09:05`, in Asia/Shanghai. */
export function civilMinute(instant: Temporal.Instant): string {
  const local = instant.toZonedDateTimeISO(CIVIL_TIME_ZONE);
  return `${local.toPlainDate()} ${local.toPlainTime().toString({ smallestUnit: "minute" })}`;
}
