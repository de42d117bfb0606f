import { civilDay } from "#lib/calendar/civil-day";
import { type ClockState, clockState } from "#lib/calendar/clock";
import type { ClockRow } from "../procedures/changes.ts";

/** Where a case's clock stands at an instant (ISO 8601 UTC). */
export function clockOf(clock: ClockRow, at: string): ClockState {
  return clockState(
    {
      startedOn: Temporal.PlainDate.from(clock.startedOn),
      period: { unit: clock.unit, amount: clock.amount, article: clock.article },
      ...(clock.promised !== undefined && { promised: clock.promised }),
      pauses: clock.pauses.map((pause) => ({
        from: Temporal.PlainDate.from(pause.from),
        ...(pause.to !== undefined && { to: Temporal.PlainDate.from(pause.to) }),
        article: pause.article,
      })),
      extensions: clock.extensions.map((extension) => extension.amount),
      ...(clock.stoppedOn !== undefined && { stoppedOn: Temporal.PlainDate.from(clock.stoppedOn) }),
    },
    { today: civilDay(Temporal.Instant.from(at)) },
  );
}
