import assert from "node:assert/strict";
import { test } from "node:test";
import { civilDay, civilMinute, dayEnds } from "./civil-day.ts";
import { clockState } from "./clock.ts";
import { elapsed, lastDay, type PeriodUnit } from "./statutory-period.ts";
import { isWorkingDay, workingCalendar } from "./working-day.ts";

const day = (iso: string) => Temporal.PlainDate.from(iso);
const last = (start: string, amount: number, unit: PeriodUnit) =>
  lastDay(day(start), { unit, amount, article: "" }).day.toString();

test("a day is a day in Shanghai", () => {
  assert.equal(civilDay(Temporal.Instant.from("2026-11-20T16:00:00Z")).toString(), "2026-11-21");
  assert.equal(civilDay(Temporal.Instant.from("2026-11-20T15:59:59Z")).toString(), "2026-11-20");
  assert.equal(dayEnds(day("2026-11-21")).toString(), "2026-11-21T16:00:00Z");
  assert.equal(civilMinute(Temporal.Instant.from("2026-11-21T01:05:30Z")), "2026-11-21 09:05");
});

test("make-up days are worked, bridges are not", () => {
  assert.equal(isWorkingDay(day("2026-02-14")), true); // Saturday before the Spring Festival of 2026
  assert.equal(isWorkingDay(day("2026-02-17")), false);
  assert.equal(isWorkingDay(day("2026-10-10")), true);
  assert.equal(isWorkingDay(day("2026-10-07")), false);
});

test("working days skip the October holidays and count the make-up Saturday", () => {
  // 30 September is the start; 1–7 October are off; 8, 9 and Saturday 10 count.
  assert.equal(last("2026-09-30", 3, "working-day"), "2026-10-10");
  assert.equal(last("2026-09-30", 4, "working-day"), "2026-10-12");
  assert.equal(elapsed(day("2026-09-30"), day("2026-10-12"), "working-day"), 4);
});

test("months end on the corresponding day, and a holiday moves the end on", () => {
  assert.equal(last("2026-01-31", 1, "month"), "2026-02-28"); // a make-up Saturday
  assert.equal(last("2024-02-29", 1, "year"), "2025-02-28");
  assert.equal(last("2026-08-03", 60, "day"), "2026-10-08"); // 2 October is off
  assert.equal(last("2026-04-01", 6, "month"), "2026-10-08");
});

test("a year without a published notice says so, and still knows the fixed holidays", () => {
  const result = lastDay(day("2031-01-02"), { unit: "working-day", amount: 5, article: "" });
  assert.equal(result.provisional, true);
  assert.equal(lastDay(day("2026-03-02"), { unit: "working-day", amount: 5, article: "" }).provisional, false);
  assert.equal(isWorkingDay(day("2031-10-01")), false);
  assert.equal(isWorkingDay(day("2031-01-23")), false); // new year of the year 辛亥
  const own = workingCalendar([{ year: 2031, holidays: ["2031-01-03"], makeUpDays: ["2031-01-04"] }]);
  assert.equal(isWorkingDay(day("2031-01-03"), own), false);
  assert.equal(isWorkingDay(day("2031-01-04"), own), true);
  assert.equal(own.year(2031).provisional, false);
  assert.throws(() => isWorkingDay(day("3000-01-01")), RangeError);
});

const decision = { unit: "working-day", amount: 10, article: "行政许可法 §42" } as const;

test("a clock counts, pauses, is extended and stops", () => {
  const clock = { startedOn: day("2026-03-02"), period: decision, promised: 5, pauses: [], extensions: [] };
  const fresh = clockState(clock, { today: day("2026-03-04") });
  assert.deepEqual(
    [fresh.used, fresh.remaining, fresh.dueOn.toString(), fresh.promisedOn?.toString(), fresh.overdue],
    [2, 8, "2026-03-16", "2026-03-09", false],
  );
  const pauses = [{ from: day("2026-03-05"), to: day("2026-03-10") }];
  const paused = clockState({ ...clock, pauses }, { today: day("2026-03-10") });
  assert.deepEqual([paused.used, paused.notCounted, paused.dueOn.toString()], [3, 3, "2026-03-19"]);
  const extended = clockState({ ...clock, pauses, extensions: [5] }, { today: day("2026-03-20") });
  assert.deepEqual([extended.dueOn.toString(), extended.overdue], ["2026-03-26", false]);
  const late = clockState(clock, { today: day("2026-03-18") });
  assert.deepEqual([late.overdue, late.overdueBy, late.remaining, late.promiseBroken], [true, 2, 0, true]);
  const stopped = clockState({ ...clock, stoppedOn: day("2026-03-06") }, { today: day("2026-06-01") });
  assert.deepEqual([stopped.running, stopped.overdue, stopped.used], [false, false, 4]);
});

test("while a pause lasts, the due date moves with each day", () => {
  const clock = {
    startedOn: day("2026-03-02"),
    period: decision,
    pauses: [{ from: day("2026-03-05") }],
    extensions: [],
  };
  const first = clockState(clock, { today: day("2026-03-05") });
  const later = clockState(clock, { today: day("2026-03-06") });
  assert.deepEqual([first.dueOn.toString(), later.dueOn.toString()], ["2026-03-17", "2026-03-18"]);
  assert.equal(first.paused && first.provisional, true);
  assert.deepEqual([first.used, later.used, later.remaining], [2, 2, 8]);
});
