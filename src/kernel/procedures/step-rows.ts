import { CIVIL_TIME_ZONE, civilDay, dayBegins, dayEnds } from "#lib/calendar/civil-day";
import { lastDay } from "#lib/calendar/statutory-period";
import type { WorkingCalendar } from "#lib/calendar/working-day";
import { assert, Fault } from "../errors/fault.ts";
import { changedClock, clockDueOn, writeClock } from "./case-clock.ts";
import { NO_DUE_DAY } from "./case-rows.ts";
import type { CaseChange, ClockRow, DueNotice, OpenTask, ServiceRequest, SetTimer, ThrownMessage } from "./changes.ts";
import { CASE_VARIABLES_LENGTH_MAX } from "./limits.ts";
import type {
  Advance,
  CaseState,
  ClockEffect,
  Effect,
  Element,
  Procedure,
  TaskDue,
  TimerDue,
  Token,
  Variables,
  Wait,
} from "./types.ts";

/** What is known of the case that a step changes. */
export interface StepContext {
  readonly procedure: Procedure;
  readonly caseId: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  /** The version that the step makes. */
  readonly version: number;
  readonly before: CaseState;
  readonly clocks: readonly ClockRow[];
  readonly clockTasks: readonly { readonly id: number; readonly clock: string }[];
  readonly at: string;
  readonly calendar?: WorkingCalendar;
  readonly happened: HistoryRow;
  /** Of the task that the event completed. */
  readonly completed?: { readonly id: number; readonly by: string; readonly outcome: string };
  /** The wait that the event answered. */
  readonly answered?: Wait;
  readonly opens: boolean;
}

export interface HistoryRow {
  readonly kind: string;
  readonly element?: string | undefined;
  readonly by?: string | undefined;
  readonly detail?: Variables;
}

/** One step as `procedure.write_step` takes it, and as the unit of work sees it. */
export interface StepRows {
  readonly rows: Readonly<Record<string, unknown>>;
  readonly change: CaseChange;
}

/** Turns what the interpreter did into rows. */
export function stepRows(context: StepContext, advanced: Advance): StepRows {
  const { state } = advanced;
  const clocks = moveClocks(context, advanced.effects);
  const gathered = gather(context, advanced.effects, clocks);
  const changedVariables = state.variables !== context.before.variables;
  if (changedVariables && JSON.stringify(state.variables).length > CASE_VARIABLES_LENGTH_MAX) {
    throw new Fault("ERR_PROCEDURE_LIMIT", { message: "the case's variables are too large" });
  }
  const rows = withoutEmpty({
    tokensGone: idsGone(context.before.tokens, state.tokens),
    tokens: idsNew(context.before.tokens, state.tokens),
    tasks: gathered.tasks,
    tasksClosed: gathered.tasksClosed,
    services: gathered.services,
    servicesGone: gathered.gone("service"),
    timers: gathered.timers,
    timersGone: gathered.gone("timer"),
    subscriptions: gathered.subscriptions,
    subscriptionsGone: gathered.gone("message"),
    clocks: [...clocks.changed.values()].map(writeClock),
    taskDues: taskDues(context, clocks, gathered.closedIds),
  });
  return {
    rows: {
      ...rows,
      caseId: context.caseId,
      at: context.at,
      room: context.room,
      status: state.status,
      outcome: state.outcome ?? null,
      nextId: state.nextId,
      version: context.version,
      ...(changedVariables || context.opens ? { variables: state.variables } : {}),
      ...(context.opens
        ? { open: { number: context.number, service: context.service, digest: context.procedure.digest } }
        : {}),
      history: gathered.history.map((entry, ordinal) => ({ ordinal, ...entry })),
    },
    change: changeOf(context, state, gathered),
  };
}

interface Clocks {
  readonly all: ReadonlyMap<string, ClockRow>;
  readonly changed: ReadonlyMap<string, ClockRow>;
}

function moveClocks(context: StepContext, effects: readonly Effect[]): Clocks {
  const all = new Map(context.clocks.map((clock) => [clock.id, clock]));
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

/** Open tasks whose last day follows a clock that moved. */
function taskDues(
  context: StepContext,
  clocks: Clocks,
  closed: ReadonlySet<number>,
): readonly { id: number; due_on: string }[] {
  return context.clockTasks.flatMap(({ id, clock }) => {
    const row = clocks.changed.get(clock);
    return row === undefined || closed.has(id) ? [] : [{ id, due_on: clockDueOn(row, context.at, context.calendar) }];
  });
}

class Gathered {
  readonly tasks: Readonly<Record<string, unknown>>[] = [];
  readonly tasksClosed: { id: number; by: string | null; outcome: string }[] = [];
  readonly closedIds = new Set<number>();
  readonly services: Readonly<Record<string, unknown>>[] = [];
  readonly timers: Readonly<Record<string, unknown>>[] = [];
  readonly subscriptions: Readonly<Record<string, unknown>>[] = [];
  readonly history: HistoryRow[] = [];
  readonly opened: OpenTask[] = [];
  readonly closed: CaseChange["closed"][number][] = [];
  readonly requested: ServiceRequest[] = [];
  readonly thrown: ThrownMessage[] = [];
  readonly notices: DueNotice[] = [];
  readonly set: SetTimer[] = [];
  readonly #gone = new Map<Wait["kind"], number[]>();

  gone(kind: Wait["kind"]): readonly number[] {
    return this.#gone.get(kind) ?? [];
  }
  takeAway(wait: Wait): void {
    this.#gone.set(wait.kind, [...this.gone(wait.kind), wait.id]);
  }
}

function gather(context: StepContext, effects: readonly Effect[], clocks: Clocks): Gathered {
  const gathered = new Gathered();
  gathered.history.push(context.happened);
  // What an event answered is gone; a task's row stays, and a message boundary that does not interrupt waits on.
  const { answered } = context;
  if (answered !== undefined && answered.kind !== "task" && !staysOpen(context, answered)) gathered.takeAway(answered);
  for (const effect of effects) gatherEffect(gathered, effect, context, clocks);
  return gathered;
}

function staysOpen({ procedure }: StepContext, wait: Wait): boolean {
  const element = procedure.elements.get(wait.element);
  return wait.kind === "message" && element?.attachedTo !== undefined && element.interrupting === false;
}

function gatherEffect(gathered: Gathered, effect: Effect, context: StepContext, clocks: Clocks): void {
  switch (effect.type) {
    case "task-opened":
      openTask(gathered, effect, context, clocks);
      return;
    case "task-closed": {
      const { wait, cancelled } = effect;
      const done = cancelled ? undefined : context.completed;
      gathered.tasksClosed.push({ id: wait.id, by: done?.by ?? null, outcome: done?.outcome ?? "cancelled" });
      gathered.closedIds.add(wait.id);
      gathered.closed.push({ taskId: wait.id, element: wait.element, cancelled });
      if (cancelled)
        gathered.history.push({ kind: "task-cancelled", element: wait.element, detail: { task: wait.id } });
      return;
    }
    case "service-requested": {
      const { wait, slot } = effect;
      gathered.services.push({ id: wait.id, token: wait.token, element: wait.element, slot });
      gathered.requested.push({ caseId: context.caseId, serviceId: wait.id, element: wait.element, slot });
      return;
    }
    case "timer-set": {
      const { wait, due } = effect;
      const dueAt = timerInstant(due, context);
      gathered.timers.push({ id: wait.id, token: wait.token, element: wait.element, due_at: dueAt });
      gathered.set.push({ timerId: wait.id, element: wait.element, due, dueAt });
      return;
    }
    case "message-awaited": {
      const { wait, message } = effect;
      gathered.subscriptions.push({ id: wait.id, token: wait.token, element: wait.element, message });
      return;
    }
    case "service-cancelled":
    case "timer-cancelled":
    case "message-cancelled":
      gathered.takeAway(effect.wait);
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
      gathered.history.push({ kind: "ended", detail: { status: effect.status, outcome: effect.outcome } });
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
    caseId: context.caseId,
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

function taskColumns(element: Element, wait: Wait, instance: number) {
  return {
    id: wait.id,
    token: wait.token,
    element: wait.element,
    instance,
    title_zh: element.title.zh,
    title_en: element.title.en,
    duty: element.performer?.duty,
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

function changeOf(context: StepContext, state: CaseState, gathered: Gathered): CaseChange {
  return {
    caseId: context.caseId,
    number: context.number,
    room: context.room,
    service: context.service,
    version: context.version,
    status: state.status,
    ...(state.outcome === undefined ? {} : { outcome: state.outcome }),
    variables: state.variables,
    opened: gathered.opened,
    closed: gathered.closed,
    services: gathered.requested,
    messages: gathered.thrown,
    notices: gathered.notices,
    timers: gathered.set,
  };
}

function idsGone(before: readonly Token[], after: readonly Token[]): readonly number[] {
  const kept = new Set(after.map((token) => token.id));
  return before.filter((token) => !kept.has(token.id)).map((token) => token.id);
}

function idsNew(before: readonly Token[], after: readonly Token[]): readonly Token[] {
  const known = new Set(before.map((token) => token.id));
  return after.filter((token) => !known.has(token.id));
}

function withoutEmpty(
  lists: Readonly<Record<string, readonly unknown[]>>,
): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}
