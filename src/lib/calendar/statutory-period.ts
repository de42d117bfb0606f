import {
  isProvisional,
  isWorkingDay,
  PUBLISHED_CALENDAR,
  type WorkingCalendar,
  workingDayFrom,
} from "./working-day.ts";

export type PeriodUnit = "working-day" | "day" | "month" | "year";

/** A period as the law states it. */
export interface Period {
  readonly unit: PeriodUnit;
  readonly amount: number;
  /** Such as `行政许可法 §42`. */
  readonly article: string;
}

/** Longer than any period that the law knows (twenty years, 民法典 §188), in its unit. */
export const PERIOD_AMOUNT_MAX = 10_000;

/** Days from `from` on, until the day before `to`, that the law does not count. */
export interface Pause {
  readonly from: Temporal.PlainDate;
  /** The first day that counts again; absent while the pause lasts. */
  readonly to?: Temporal.PlainDate;
}

export interface LastDay {
  readonly day: Temporal.PlainDate;
  /** A year was involved whose holidays are not published. */
  readonly provisional: boolean;
}

export interface Counting {
  readonly pauses?: readonly Pause[];
  readonly calendar?: WorkingCalendar;
  /** Until when a pause without end is taken to last, itself included. */
  readonly today?: Temporal.PlainDate;
}

/**
 * The last day of a period that begins with `start`, which does not count (民法典 §201). Calendar periods whose last day is
 * a holiday end on the next working day (§203).
 */
export function lastDay(start: Temporal.PlainDate, period: Period, counting: Counting = {}): LastDay {
  const { unit, amount } = period;
  if (!Number.isInteger(amount) || amount < 0 || amount > PERIOD_AMOUNT_MAX) {
    throw new RangeError(`a period's amount is a whole number of 0 to ${PERIOD_AMOUNT_MAX}, not ${amount}`);
  }
  const calendar = counting.calendar ?? PUBLISHED_CALENDAR;
  if (unit === "month" || unit === "year") {
    const end = start.add(unit === "month" ? { months: amount } : { years: amount });
    return endOn(countDays(end, daysNotCounted(start, end, unit, counting), counting), calendar);
  }
  const day = unit === "day" ? countDays(start, amount, counting) : countWorkingDays(start, amount, counting);
  return unit === "day" ? endOn(day, calendar) : { day, provisional: spansProvisional(start, day, calendar) };
}

/** How many units (working days, else calendar days) of `(start, end]` the law counts. */
export function elapsed(
  start: Temporal.PlainDate,
  end: Temporal.PlainDate,
  unit: PeriodUnit,
  counting: Counting = {},
): number {
  const calendar = counting.calendar ?? PUBLISHED_CALENDAR;
  if (!hasPauses(counting)) return elapsedWithoutPause(start, start.until(end).days, unit, calendar);
  let count = 0;
  for (let day = start.add({ days: 1 }); Temporal.PlainDate.compare(day, end) <= 0; day = day.add({ days: 1 })) {
    if (isPaused(day, counting)) continue;
    if (unit !== "working-day" || isWorkingDay(day, calendar)) count++;
  }
  return count;
}

/** How many units of `(start, end]` fell into a pause. */
export function daysNotCounted(
  start: Temporal.PlainDate,
  end: Temporal.PlainDate,
  unit: PeriodUnit,
  counting: Counting,
): number {
  const calendar = counting.calendar ?? PUBLISHED_CALENDAR;
  if (!hasPauses(counting)) return 0;
  let count = 0;
  for (let day = start.add({ days: 1 }); Temporal.PlainDate.compare(day, end) <= 0; day = day.add({ days: 1 })) {
    if (isPaused(day, counting) && (unit !== "working-day" || isWorkingDay(day, calendar))) count++;
  }
  return count;
}

/** Whether a day falls into a pause. */
export function isPaused(day: Temporal.PlainDate, counting: Counting): boolean {
  return (counting.pauses ?? []).some((pause) => {
    if (Temporal.PlainDate.compare(day, pause.from) < 0) return false;
    const end = pause.to ?? counting.today?.add({ days: 1 });
    return end === undefined || Temporal.PlainDate.compare(day, end) < 0;
  });
}

function hasPauses({ pauses }: Counting): boolean {
  return pauses !== undefined && pauses.length > 0;
}

/** Whether the days after a day are worked, one after the other: a date of its own for each takes twenty times longer. */
function* daysAfter(start: Temporal.PlainDate, calendar: WorkingCalendar): Generator<boolean, never> {
  let { year } = start;
  let { working } = calendar.year(year);
  for (let day = start.dayOfYear; ; day++) {
    if (day >= working.length) {
      year++;
      working = calendar.year(year).working;
      day = 0;
    }
    yield working[day] === true;
  }
}

function elapsedWithoutPause(
  start: Temporal.PlainDate,
  days: number,
  unit: PeriodUnit,
  calendar: WorkingCalendar,
): number {
  if (unit !== "working-day" || days <= 0) return Math.max(0, days);
  return daysAfter(start, calendar)
    .take(days)
    .reduce((count, isWorked) => (isWorked ? count + 1 : count), 0);
}

function countWorkingDays(start: Temporal.PlainDate, amount: number, counting: Counting): Temporal.PlainDate {
  const calendar = counting.calendar ?? PUBLISHED_CALENDAR;
  if (!hasPauses(counting)) {
    let days = 0;
    let left = amount;
    for (const isWorked of amount > 0 ? daysAfter(start, calendar) : []) {
      days++;
      if (isWorked) left--;
      if (left === 0) break;
    }
    return start.add({ days });
  }
  let day = start;
  for (let left = amount; left > 0; ) {
    day = day.add({ days: 1 });
    if (isWorkingDay(day, calendar) && !isPaused(day, closed(counting))) left--;
  }
  return day;
}

function countDays(start: Temporal.PlainDate, amount: number, counting: Counting): Temporal.PlainDate {
  if (!hasPauses(counting)) return start.add({ days: amount });
  let day = start;
  for (let left = amount; left > 0; ) {
    day = day.add({ days: 1 });
    if (!isPaused(day, closed(counting))) left--;
  }
  return day;
}

// A pause without end and without today would never let the count finish.
function closed(counting: Counting): Counting {
  if (counting.today !== undefined) return counting;
  const pauses = (counting.pauses ?? []).filter((pause) => pause.to !== undefined);
  return { ...counting, pauses };
}

// 民法典 §203
function endOn(day: Temporal.PlainDate, calendar: WorkingCalendar): LastDay {
  const moved = workingDayFrom(day, calendar);
  return { day: moved, provisional: isProvisional(day, calendar) || isProvisional(moved, calendar) };
}

function spansProvisional(start: Temporal.PlainDate, end: Temporal.PlainDate, calendar: WorkingCalendar): boolean {
  for (let year = start.year; year <= end.year; year++) if (calendar.year(year).provisional) return true;
  return false;
}
