import { daysNotCounted, elapsed, isPaused, lastDay, type Pause, type Period } from "./statutory-period.ts";
import { PUBLISHED_CALENDAR, type WorkingCalendar } from "./working-day.ts";

/** A statutory period that runs, or ran. */
export interface Clock {
  /** The day of the event that starts it; it does not count itself. */
  readonly startedOn: Temporal.PlainDate;
  readonly period: Period;
  /** The authority's own, shorter limit, in the same unit. */
  readonly promised?: number;
  readonly pauses: readonly Pause[];
  /** Amounts added, in the same unit. */
  readonly extensions: readonly number[];
  readonly stoppedOn?: Temporal.PlainDate;
}

/** Where a clock stands on a day. Days are working days for a period in working days, else calendar days. */
export interface ClockState {
  readonly used: number;
  /** Days that the law does not count. */
  readonly notCounted: number;
  readonly dueOn: Temporal.PlainDate;
  readonly promisedOn?: Temporal.PlainDate;
  /** Until the statutory limit; 0 when it is reached or past. */
  readonly remaining: number;
  /** Until the promise; 0 when it is reached or past. */
  readonly promisedRemaining?: number;
  readonly overdue: boolean;
  readonly promiseBroken: boolean;
  /** Days beyond the limit. */
  readonly overdueBy: number;
  readonly running: boolean;
  readonly paused: boolean;
  /** While paused, and in years whose holidays are not published, the dates may still move. */
  readonly provisional: boolean;
}

/**
 * Where a clock stands today: a pause that has not ended is taken to end tonight, so its dates move with each day.
 * @param options.today a day of Asia/Shanghai
 */
export function clockState(
  clock: Clock,
  options: { readonly today: Temporal.PlainDate; readonly calendar?: WorkingCalendar },
): ClockState {
  const calendar = options.calendar ?? PUBLISHED_CALENDAR;
  const running = clock.stoppedOn === undefined;
  const today = clock.stoppedOn ?? options.today;
  const counting = { pauses: clock.pauses, calendar, today };
  const { unit } = clock.period;
  const amount = clock.extensions.reduce((sum, extension) => sum + extension, clock.period.amount);
  const due = lastDay(clock.startedOn, { ...clock.period, amount }, counting);
  const promised =
    clock.promised === undefined
      ? undefined
      : lastDay(clock.startedOn, { ...clock.period, amount: clock.promised }, counting);
  const overdueBy = elapsed(due.day, today, unit, { calendar });
  const paused = running && isPaused(today, counting);
  return {
    used: elapsed(clock.startedOn, today, unit, counting),
    notCounted: daysNotCounted(clock.startedOn, today, unit, counting),
    dueOn: due.day,
    remaining: elapsed(today, due.day, unit, counting),
    ...(promised === undefined
      ? {}
      : { promisedOn: promised.day, promisedRemaining: elapsed(today, promised.day, unit, counting) }),
    overdue: Temporal.PlainDate.compare(today, due.day) > 0,
    promiseBroken: promised !== undefined && Temporal.PlainDate.compare(today, promised.day) > 0,
    overdueBy,
    running,
    paused,
    provisional: due.provisional || paused,
  };
}
