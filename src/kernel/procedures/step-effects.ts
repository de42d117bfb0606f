import { CIVIL_TIME_ZONE, civilDay, dayBegins, dayEnds } from "#lib/calendar/civil-day";
import { lastDay } from "#lib/calendar/statutory-period";
import type { WorkingCalendar } from "#lib/calendar/working-day";
import { assert, Fault } from "../errors/fault.ts";
import { changedClock, clockDueOn } from "./case-clock.ts";
import { NO_DUE_DAY } from "./case-rows.ts";
import type { CaseChange, ClockRow, DueNotice, OpenTask, ServiceRequest, SetTimer, ThrownMessage } from "./changes.ts";
import type { HeldCase } from "./held-case.ts";
import type { ClockEffect, Effect, Element, Procedure, TaskDue, TimerDue, Variables, Wait } from "./types.ts";

/** What moves a case on, and when. */
export interface StepContext {
  readonly procedure: Procedure;
  /** The case before the step. */
  readonly held: HeldCase;
  readonly at: string;
  readonly calendar?: WorkingCalendar;
  /** Beyond the start of the case or the completion of a task, which their own rows tell. */
  readonly happened?: HistoryRow;
  /** Of the task that the event completed. */
  readonly completed?: { readonly id: number; readonly by: string; readonly outcome: string };
  /** Who opened the case, when this step does. */
  readonly openedBy?: string;
}

export interface HistoryRow {
  readonly kind: string;
  readonly element?: string | undefined;
  readonly by?: string | undefined;
  readonly detail?: Variables;
}

/** The clocks of a case after a step, and those that it changed. */
export interface Clocks {
  readonly all: ReadonlyMap<string, ClockRow>;
  readonly changed: ReadonlyMap<string, ClockRow>;
}

export function moveClocks(context: StepContext, effects: readonly Effect[]): Clocks {
  const all = new Map(context.held.clocks.map((clock) => [clock.id, clock]));
  const changed = new Map<string, ClockRow>();
  for (const effect of effects) {
    if (!isClockEffect(effect)) continue;
    const row = changedClock(all.get(effect.clock), effect, context);
    if (row === undefined) continue;
    all.set(row.id, row);
    changed.set(row.id, row);
  }
  return { all, changed };
}

function isClockEffect(effect: Effect): effect is ClockEffect {
  return effect.type.startsWith("clock-");
}

/** What the effects of a step come to, by kind. */
export class Gathered {
  readonly tasks: TaskColumns[] = [];
  /** What the rest row of a wait holds besides its place. */
  readonly particulars = new Map<number, { readonly name?: string; readonly due_at?: string }>();
  readonly history: HistoryRow[] = [];
  readonly opened: OpenTask[] = [];
  readonly closed: CaseChange["closed"][number][] = [];
  readonly requested: ServiceRequest[] = [];
  readonly thrown: ThrownMessage[] = [];
  readonly notices: DueNotice[] = [];
  readonly set: SetTimer[] = [];
}

export function gather(context: StepContext, effects: readonly Effect[], clocks: Clocks): Gathered {
  const gathered = new Gathered();
  if (context.happened !== undefined) gathered.history.push(context.happened);
  for (const effect of effects) gatherEffect(gathered, effect, context, clocks);
  return gathered;
}

function gatherEffect(gathered: Gathered, effect: Effect, context: StepContext, clocks: Clocks): void {
  switch (effect.type) {
    case "task-opened":
      openTask(gathered, effect, context, clocks);
      return;
    case "task-closed": {
      const { wait, cancelled } = effect;
      gathered.closed.push({ taskId: wait.id, element: wait.element, cancelled });
      if (cancelled)
        gathered.history.push({ kind: "task-cancelled", element: wait.element, detail: { task: wait.id } });
      return;
    }
    case "service-requested": {
      const { wait, slot } = effect;
      gathered.particulars.set(wait.id, { name: slot });
      gathered.requested.push({ caseId: context.held.caseId, serviceId: wait.id, element: wait.element, slot });
      return;
    }
    case "timer-set": {
      const { wait, due } = effect;
      const dueAt = timerInstant(due, context);
      gathered.particulars.set(wait.id, { due_at: dueAt });
      gathered.set.push({ timerId: wait.id, element: wait.element, due, dueAt });
      return;
    }
    case "message-awaited":
      gathered.particulars.set(effect.wait.id, { name: effect.message });
      return;
    case "service-cancelled":
    case "timer-cancelled":
    case "message-cancelled":
      return;
    case "message-thrown":
      gathered.thrown.push({ element: effect.element, message: effect.message });
      gathered.history.push({ kind: "message-thrown", element: effect.element, detail: { message: effect.message } });
      return;
    case "notice":
      gathered.notices.push({ element: effect.element, kind: effect.kind });
      gathered.history.push({ kind: "notice", element: effect.element, detail: { notice: effect.kind } });
      return;
    case "ended":
      return;
    default:
      if (clocks.changed.has(effect.clock)) {
        gathered.history.push({ kind: effect.type, detail: { clock: effect.clock } });
      }
  }
}

function openTask(
  gathered: Gathered,
  effect: Extract<Effect, { type: "task-opened" }>,
  context: StepContext,
  clocks: Clocks,
): void {
  const { wait, instance } = effect;
  const element = context.procedure.elements.get(wait.element);
  assert(element?.performer !== undefined, `${wait.element} is a user task`);
  const dueOn = effect.due === undefined ? undefined : taskDueOn(effect.due, context, clocks);
  gathered.tasks.push({
    ...taskColumns(element, wait, instance),
    due_on: dueOn ?? NO_DUE_DAY,
    due_clock: effect.due?.kind === "clock" ? effect.due.clock : null,
  });
  gathered.opened.push({
    caseId: context.held.caseId,
    taskId: wait.id,
    element: wait.element,
    instance,
    title: element.title,
    duty: element.performer.duty,
    notBy: element.performer.notBy,
    openedAt: context.at,
    ...(dueOn === undefined ? {} : { dueOn }),
  });
}

export type TaskColumns = ReturnType<typeof taskColumns> & {
  readonly due_on: string;
  readonly due_clock: string | null;
};

function taskColumns(element: Element, wait: Wait, instance: number) {
  return {
    id: wait.id,
    token: wait.token,
    element: wait.element,
    instance,
    title_zh: element.title.zh,
    title_en: element.title.en,
    duty: element.performer?.duty ?? null,
    not_by: element.performer?.notBy ?? [],
    people: element.performer?.count ?? 1,
  };
}

function taskDueOn(due: TaskDue, context: StepContext, clocks: Clocks): string | undefined {
  if (due.kind === "period") {
    const today = civilDay(Temporal.Instant.from(context.at));
    return lastDay(today, due, context.calendar === undefined ? {} : { calendar: context.calendar }).day.toString();
  }
  const row = clocks.all.get(due.clock);
  return row === undefined || row.stoppedOn !== undefined ? undefined : clockDueOn(row, context.at, context.calendar);
}

function timerInstant(due: TimerDue, context: StepContext): string {
  const now = Temporal.Instant.from(context.at);
  try {
    switch (due.kind) {
      case "duration":
        return now.toZonedDateTimeISO(CIVIL_TIME_ZONE).add(due.value).toInstant().toString();
      case "date":
        return (
          due.value.includes("T") ? Temporal.Instant.from(due.value) : dayBegins(Temporal.PlainDate.from(due.value))
        ).toString();
      case "period": {
        const { day } = lastDay(
          civilDay(now),
          due,
          context.calendar === undefined ? {} : { calendar: context.calendar },
        );
        return dayEnds(day).toString();
      }
    }
  } catch (cause) {
    throw new Fault("ERR_PROCEDURE_VALUE", { message: "a timer's time cannot be read", cause });
  }
}
