import { civilDay } from "#lib/calendar/civil-day";
import { changedClock, closedPause } from "./case-clock.ts";
import type { ChangeClock, ClockRow, Refused } from "./changes.ts";
import type { HeldCase } from "./held-case.ts";
import { refused } from "./refusals.ts";
import { clockStart } from "./rule-values.ts";
import type { Procedure } from "./types.ts";

/** A clock after an official changed it, or why it cannot be changed so. */
export function clockAfter(
  change: ChangeClock,
  { held, procedure }: { readonly held: HeldCase; readonly procedure: Procedure },
): ClockRow | Refused {
  const row = held.clocks.find((clock) => clock.id === change.clock);
  const today = civilDay(Temporal.Instant.from(change.at)).toString();
  if (change.change === "start") {
    const rule = procedure.clocks.find((clock) => clock.id === change.clock);
    if (rule === undefined) return refused("clock-unknown");
    return (
      changedClock(row, clockStart(rule, held.state.variables), { at: change.at, procedure }) ?? refused("clock-state")
    );
  }
  if (row === undefined) return refused("clock-unknown");
  if (row.stoppedOn !== undefined) return refused("clock-state");
  const paused = row.pauses.some((pause) => pause.to === undefined && pause.element === undefined);
  switch (change.change) {
    case "pause": {
      if (paused) return refused("clock-state");
      const { reason, article } = change;
      return { ...row, pauses: [...row.pauses, { from: today, reason, article }] };
    }
    case "resume":
      if (!paused) return refused("clock-state");
      return {
        ...row,
        pauses: row.pauses.map((pause) => (pause.element === undefined ? closedPause(pause, today) : pause)),
      };
    case "extend": {
      const { amount, reason, article, by } = change;
      if (!Number.isInteger(amount) || amount < 1) return refused("clock-state");
      return { ...row, extensions: [...row.extensions, { amount, on: today, reason, article, by }] };
    }
    case "stop":
      return { ...row, pauses: row.pauses.map((pause) => closedPause(pause, today)), stoppedOn: today };
  }
}
