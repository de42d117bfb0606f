import type { Citation } from "#kernel/contract/citation";
import type { ClockRow } from "#kernel/procedures/changes";
import { clockOf } from "#kernel/services/case-clock";
import { civilDay } from "#lib/calendar/civil-day";
import { daysNotCounted, elapsed } from "#lib/calendar/statutory-period";
import type { Language } from "#lib/language/text";
import { text } from "#lib/language/text";
import type { ClockOptions, ClockPause } from "#ui/components/clock/clock";
import { writtenArticle } from "./article-words.ts";

const STARTED = text("受理", "Accepted");
const REASON = text("依法暂停计时", "stopped by law");

/** A case's clock as the component draws it. Months and years are not drawn as a bar; there are none in this version's procedures. */
export function clockShown(
  row: ClockRow,
  about: {
    readonly language: Language;
    readonly now: string;
    /** What the item cites, by which laws are named in the reader's language. */
    readonly citations: readonly Citation[];
    readonly titleOf: (element: string) => { zh: string; en: string } | undefined;
  },
): ClockOptions {
  const state = clockOf(row, about.now);
  const startedOn = Temporal.PlainDate.from(row.startedOn);
  const limitDays = row.extensions.reduce((sum, extension) => sum + extension.amount, row.amount);
  const today =
    row.stoppedOn === undefined ? civilDay(Temporal.Instant.from(about.now)) : Temporal.PlainDate.from(row.stoppedOn);
  const pauses = row.pauses.map((pause): ClockPause => {
    const from = Temporal.PlainDate.from(pause.from);
    const to = pause.to === undefined ? undefined : Temporal.PlainDate.from(pause.to);
    const others = row.pauses.filter((other) => other !== pause).map((other) => periodOf(other));
    const counting = { pauses: [{ from, ...(to && { to }) }], today };
    const title = pause.element === undefined ? undefined : about.titleOf(pause.element);
    return {
      afterDay: Math.max(0, elapsed(startedOn, from.subtract({ days: 1 }), row.unit, { pauses: others, today })),
      days: daysNotCounted(startedOn, to ?? today, row.unit, counting),
      reason: title ?? (pause.reason ? text(pause.reason, pause.reason) : REASON),
      article: writtenArticle(pause.article, about.citations),
    };
  });
  return {
    language: about.language,
    unit: row.unit === "working-day" ? "working-day" : "calendar-day",
    state: state.running ? (state.paused ? "paused" : "running") : "done",
    day: state.used,
    limitDays,
    promiseDays: row.promised,
    startedOn,
    startedBy: STARTED,
    dueOn: state.dueOn,
    outcome: row.title,
    doneOn: row.stoppedOn === undefined ? undefined : Temporal.PlainDate.from(row.stoppedOn),
    pauses,
    article: writtenArticle(row.article, about.citations),
  };
}

function periodOf(pause: ClockRow["pauses"][number]) {
  const from = Temporal.PlainDate.from(pause.from);
  return pause.to === undefined ? { from } : { from, to: Temporal.PlainDate.from(pause.to) };
}
