import type { Sql } from "#kernel/database/sql";
import { clocksOf, clockView, isOverdue, type MatterClock } from "./clocks.ts";
import { advance, MACHINES, type Taken } from "./machines.ts";
import type { STATE_WORDS } from "./matter-contract.ts";
import { AFTER_SILENCE, type Matter, sidesOf } from "./matters.ts";
import type { Official } from "./official.ts";
import { cataloguePorts } from "./ports.ts";

/** Matters as an official sees them: with the clock that runs and the steps that he may take now. */
export async function matterLines(sql: Sql, matters: readonly Matter[], official: Official, now: string) {
  const { resources } = cataloguePorts(sql);
  const numbers = matters.map(({ number }) => number);
  const clocks = Map.groupBy(await clocksOf(sql, numbers), ({ matter }) => matter);
  const related = Map.groupBy(await stepsFrom(sql, [...new Set(matters.map(({ root }) => root))]), ({ root }) => root);
  return matters.map((matter) => {
    const own = clocks.get(matter.number) ?? [];
    const first = own
      .filter(({ row }) => row.stoppedOn === undefined)
      .map((clock) => clockView(clock, now))
      .sort((one, other) => (one.dueOn < other.dueOn ? -1 : 1))[0];
    const steps = possibleSteps(matter, related.get(matter.root) ?? [], own, official, now);
    return {
      number: matter.number,
      kind: matter.kind,
      resource: matter.resource,
      title: resources.get(matter.resource)?.title ?? { zh: matter.resource, en: matter.resource },
      provider: matter.provider,
      consumer: matter.consumer,
      coordinator: matter.coordinator,
      government: matter.government,
      state: matter.state as keyof typeof STATE_WORDS,
      steps,
      openedAt: matter.openedAt,
      ...(first && { clock: first }),
    };
  });
}

interface RelatedStep extends Taken {
  readonly root: number;
  readonly matter: number;
}

function stepsFrom(sql: Sql, roots: readonly number[]): Promise<readonly RelatedStep[]> {
  return sql.query<RelatedStep>(
    `SELECT m.root, s.matter, s.step, s.side, s.official FROM catalogue.matter_step s
     JOIN catalogue.matter m ON m.number = s.matter WHERE m.root = ANY($1::int[]) ORDER BY s.matter, s.ordinal`,
    [roots],
  );
}

function possibleSteps(
  matter: Matter,
  related: readonly RelatedStep[],
  clocks: readonly MatterClock[],
  official: Official,
  now: string,
): readonly string[] {
  const at = { state: matter.state, taken: related.filter((one) => one.matter === matter.number), related };
  const isSilent = (step: string) => {
    const name = AFTER_SILENCE[step];
    return name === undefined || clocks.some((clock) => clock.name === name && isOverdue(clock, now));
  };
  return Object.keys(MACHINES[matter.kind].steps).filter((step) =>
    sidesOf(matter, official).some(
      (side) => isSilent(step) && "state" in advance(matter.kind, at, { step, side, official: official.id }),
    ),
  );
}
