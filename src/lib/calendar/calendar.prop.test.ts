import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clockState } from "./clock.ts";
import { elapsed, lastDay } from "./statutory-period.ts";
import { isWorkingDay } from "./working-day.ts";

const days = fc.integer({ min: 0, max: 1500 }).map((add) => Temporal.PlainDate.from("2023-01-01").add({ days: add }));
const units = fc.constantFrom("working-day" as const, "day" as const);
const pauses = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 20 }))
    .map(([after, length]) => ({ after, length })),
  { maxLength: 3 },
);

test("a period has exactly its amount of counted days, and never ends on a day off", () => {
  fc.assert(
    fc.property(days, units, fc.integer({ min: 1, max: 60 }), pauses, (start, unit, amount, gaps) => {
      const counting = {
        pauses: gaps.map((gap) => ({
          from: start.add({ days: gap.after }),
          to: start.add({ days: gap.after + gap.length }),
        })),
      };
      const { day } = lastDay(start, { unit, amount, article: "" }, counting);
      const counted = elapsed(start, day, unit, counting);
      if (unit === "working-day") assert.equal(counted, amount);
      else assert.ok(counted >= amount);
      assert.ok(isWorkingDay(day));
    }),
    { numRuns: 60 },
  );
});

test("used and remaining add up to the amount until the limit", () => {
  fc.assert(
    fc.property(
      days,
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 60 }),
      pauses,
      (start, amount, after, gaps) => {
        const today = start.add({ days: after });
        const state = clockState(
          {
            startedOn: start,
            period: { unit: "working-day", amount, article: "" },
            pauses: gaps.map((gap) => ({
              from: start.add({ days: gap.after }),
              to: start.add({ days: gap.after + gap.length }),
            })),
            extensions: [],
          },
          { today },
        );
        if (state.overdue) assert.equal(state.remaining, 0);
        else assert.equal(state.used + state.remaining, amount);
      },
    ),
    { numRuns: 60 },
  );
});
