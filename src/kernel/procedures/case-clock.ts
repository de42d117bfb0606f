import { civilDay } from "#lib/calendar/civil-day";
import { type Clock, clockState } from "#lib/calendar/clock";
import type { WorkingCalendar } from "#lib/calendar/working-day";
import { text } from "#lib/language/text";
import { assert } from "../errors/fault.ts";
import type { ClockExtension, ClockPause, ClockRow } from "./changes.ts";
import type { ClockEffect, PeriodUnit, Procedure } from "./types.ts";

/** A row of procedure.clock, as JSON. */
export interface ClockRecord {
  readonly id: string;
  readonly title_zh: string;
  readonly title_en: string;
  readonly unit: PeriodUnit;
  readonly amount: number;
  readonly promised: number | null;
  readonly article: string;
  readonly started_on: string;
  readonly stopped_on: string | null;
  readonly pauses: readonly ClockPause[];
  readonly extensions: readonly ClockExtension[];
}

export function readClock(record: ClockRecord): ClockRow {
  return {
    id: record.id,
    title: text(record.title_zh, record.title_en),
    unit: record.unit,
    amount: record.amount,
    ...(record.promised === null ? {} : { promised: record.promised }),
    article: record.article,
    startedOn: record.started_on,
    ...(record.stopped_on === null ? {} : { stoppedOn: record.stopped_on }),
    pauses: record.pauses,
    extensions: record.extensions,
  };
}

export function writeClock(row: ClockRow): ClockRecord {
  return {
    id: row.id,
    title_zh: row.title.zh,
    title_en: row.title.en,
    unit: row.unit,
    amount: row.amount,
    promised: row.promised ?? null,
    article: row.article,
    started_on: row.startedOn,
    stopped_on: row.stoppedOn ?? null,
    pauses: row.pauses,
    extensions: row.extensions,
  };
}

/** A case's clock as the calendar counts it: `clockState(clockOf(row), { today })`. */
export function clockOf(row: ClockRow): Clock {
  const day = (iso: string) => Temporal.PlainDate.from(iso);
  return {
    startedOn: day(row.startedOn),
    period: { unit: row.unit, amount: row.amount, article: row.article },
    ...(row.promised === undefined ? {} : { promised: row.promised }),
    pauses: row.pauses.map(({ from, to }) => ({ from: day(from), ...(to === undefined ? {} : { to: day(to) }) })),
    extensions: row.extensions.map(({ amount }) => amount),
    ...(row.stoppedOn === undefined ? {} : { stoppedOn: day(row.stoppedOn) }),
  };
}

/** The last day of a clock as it stands on the day of an instant. */
export function clockDueOn(row: ClockRow, at: string, calendar?: WorkingCalendar): string {
  const today = civilDay(Temporal.Instant.from(at));
  return clockState(clockOf(row), { today, ...(calendar === undefined ? {} : { calendar }) }).dueOn.toString();
}

/** A clock after something happened to it; undefined where nothing changes, such as a pause of a clock that never ran. */
export function changedClock(
  row: ClockRow | undefined,
  effect: ClockEffect,
  moment: { readonly at: string; readonly procedure: Procedure },
): ClockRow | undefined {
  const today = civilDay(Temporal.Instant.from(moment.at)).toString();
  const running = row !== undefined && row.stoppedOn === undefined;
  const rule = moment.procedure.clocks.find((clock) => clock.id === effect.clock);
  assert(rule !== undefined, `the procedure has a clock ${effect.clock}`);
  switch (effect.type) {
    case "clock-started":
      // Already running: it keeps its beginning. Stopped: it begins anew, as after a decision that was annulled.
      if (running) return undefined;
      return {
        id: rule.id,
        title: rule.title,
        unit: effect.unit,
        amount: effect.amount,
        ...(effect.promised === undefined ? {} : { promised: effect.promised }),
        article: effect.article,
        startedOn: effect.since ?? today,
        pauses: [],
        extensions: [],
      };
    case "clock-stopped":
      return running
        ? { ...row, pauses: row.pauses.map((pause) => closedPause(pause, today)), stoppedOn: today }
        : undefined;
    case "clock-paused": {
      if (!running) return undefined;
      const reason = moment.procedure.elements.get(effect.element)?.title.zh ?? effect.element;
      return {
        ...row,
        pauses: [...row.pauses, { from: today, element: effect.element, reason, article: rule.pauseArticle }],
      };
    }
    case "clock-resumed": {
      if (!running || !row.pauses.some((pause) => pause.to === undefined && pause.element === effect.element))
        return undefined;
      return {
        ...row,
        pauses: row.pauses.map((pause) => (pause.element === effect.element ? closedPause(pause, today) : pause)),
      };
    }
  }
}

export function closedPause(pause: ClockPause, today: string): ClockPause {
  return pause.to === undefined ? { ...pause, to: today } : pause;
}
