import { text } from "#lib/language/text";
import { type ClockOptions, clock } from "#ui/components/clock/clock";
import type { Example } from "#ui/components/example";

const on = (iso: string) => Temporal.PlainDate.from(iso);
const base: Omit<ClockOptions, "language"> = {
  unit: "working-day",
  state: "running",
  day: 4,
  limitDays: 10,
  promiseDays: 5,
  startedOn: on("2026-11-18"),
  startedBy: text("受理", "Accepted"),
  dueOn: on("2026-12-03"),
  outcome: text("作出决定", "decision"),
  pauses: [
    {
      afterDay: 2,
      days: 1,
      reason: text("听证", "hearing"),
      article: text("《行政许可法》第四十五条", "Administrative Licensing Law, art. 45"),
    },
  ],
};

export const examples: readonly Example[] = [
  { name: "running, with a pause", render: (language) => clock({ ...base, language }) },
  { name: "paused", render: (language) => clock({ ...base, language, state: "paused", day: 2 }) },
  { name: "overdue", render: (language) => clock({ ...base, language, day: 12, pauses: [] }) },
  {
    name: "done",
    render: (language) => clock({ ...base, language, state: "done", doneOn: on("2026-11-24"), pauses: [] }),
  },
  {
    name: "sixty calendar days",
    render: (language) =>
      clock({
        ...base,
        language,
        unit: "calendar-day",
        day: 17,
        limitDays: 60,
        promiseDays: undefined,
        startedBy: text("送达", "Delivered"),
        startedOn: on("2026-11-02"),
        dueOn: on("2027-01-01"),
        outcome: text("申请行政复议", "apply for reconsideration"),
        article: text("《行政复议法》第二十条", "Administrative Reconsideration Law, art. 20"),
        pauses: [],
      }),
  },
];
