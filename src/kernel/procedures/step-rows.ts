import { CIVIL_TIME_ZONE, civilDay, dayBegins, dayEnds } from "#lib/calendar/civil-day";
import { lastDay } from "#lib/calendar/statutory-period";
import type { WorkingCalendar } from "#lib/calendar/working-day";
import type { Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { type ClockRecord, changedClock, clockDueOn, writeClock } from "./case-clock.ts";
import { NO_DUE_DAY } from "./case-rows.ts";
import type { CaseChange, ClockRow, DueNotice, OpenTask, ServiceRequest, SetTimer, ThrownMessage } from "./changes.ts";
import { CASE_VARIABLES_LENGTH_MAX } from "./limits.ts";
import type {
  Advance,
  CaseState,
  CaseStatus,
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

/** One step as `procedure.write_step` takes it, and as the unit of work sees it. */
export interface StepRows {
  readonly rows: WrittenStep;
  readonly change: CaseChange;
}

/** The arguments of `procedure.write_step`; what is absent did not change. */
export interface WrittenStep {
  readonly caseId: string;
  readonly at: string;
  readonly version: number;
  readonly status: CaseStatus;
  readonly outcome: string | undefined;
  readonly nextId: number;
  readonly variables?: Variables;
  readonly opened?: { readonly number: string; readonly service: string; readonly digest: string; readonly by: string };
  readonly room: string;
  /** Ids of tokens and waits. */
  readonly gone?: readonly number[];
  readonly rests?: readonly object[];
  readonly completed?: StepContext["completed"];
  readonly cancelled?: readonly number[];
  readonly tasks?: readonly object[];
  readonly clocks?: readonly ClockRecord[];
  readonly dues?: readonly { readonly id: number; readonly due_on: string }[];
  readonly happened: readonly HistoryRow[];
}

/** Writes a step: one round trip. */
export async function writeStep(tx: Transaction, step: WrittenStep): Promise<void> {
  const { completed } = step;
  await tx.query(
    "SELECT procedure.write_step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    [
      step.caseId,
      step.at,
      step.version,
      step.status,
      step.outcome ?? null,
      step.nextId,
      json(step.variables),
      json(step.opened),
      step.room,
      ids(step.gone),
      rows(step.rests),
      completed?.id ?? null,
      completed?.by ?? null,
      completed?.outcome ?? null,
      ids(step.cancelled),
      rows(step.tasks),
      rows(step.clocks),
      rows(step.dues),
      rows(step.happened.map((entry, at) => ({ ordinal: at + 1, ...entry }))),
    ],
  );
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
function rows(list: readonly object[] | undefined): string | null {
  return list === undefined || list.length === 0 ? null : JSON.stringify(list);
}
function ids(list: readonly number[] | undefined): readonly number[] | null {
  return list === undefined || list.length === 0 ? null : list;
}

/** Turns what the interpreter did into rows. */
export function stepRows(context: StepContext, advanced: Advance): StepRows {
  const { state } = advanced;
  const { before, completed } = context;
  const clocks = moveClocks(context, advanced.effects);
  const gathered = gather(context, advanced.effects, clocks);
  const changedVariables = state.variables !== before.variables;
  if (changedVariables && JSON.stringify(state.variables).length > CASE_VARIABLES_LENGTH_MAX) {
    throw new Fault("ERR_PROCEDURE_LIMIT", { message: "the case's variables are too large" });
  }
  const kept = new Set([...state.tokens, ...state.waits].map(({ id }) => id));
  const known = new Set([...before.tokens, ...before.waits].map(({ id }) => id));
  const onTask = ({ element }: Token) => context.procedure.elements.get(element)?.kind === "user-task";
  // An open task's row tells its token: neither has a row in rest.
  const restsOf = ({ tokens, waits }: CaseState) => ({
    tokens: tokens.filter((token) => !onTask(token)),
    waits: waits.filter((wait) => wait.kind !== "task"),
  });
  const [were, are] = [restsOf(before), restsOf(state)];
  const scopes = new Map(state.tokens.map((token) => [token.id, token.scope]));
  return {
    rows: {
      caseId: context.caseId,
      at: context.at,
      version: context.version,
      status: state.status,
      outcome: state.outcome,
      nextId: state.nextId,
      ...(changedVariables || context.openedBy !== undefined ? { variables: state.variables } : {}),
      ...(context.openedBy === undefined ? {} : { opened: openedColumns(context, context.openedBy) }),
      room: context.room,
      gone: [...were.tokens, ...were.waits].filter(({ id }) => !kept.has(id)).map(({ id }) => id),
      rests: [
        ...are.tokens.filter(({ id }) => !known.has(id)).map(tokenRow),
        ...are.waits.filter(({ id }) => !known.has(id)).map((wait) => waitRow(wait, gathered)),
      ],
      ...(completed === undefined ? {} : { completed }),
      // A task that was opened and taken back within one step was never there.
      cancelled: gathered.closed.filter((task) => task.cancelled && known.has(task.taskId)).map((task) => task.taskId),
      tasks: gathered.tasks.filter((row) => kept.has(row.id)).map((row) => ({ ...row, scope: scopes.get(row.token) })),
      clocks: [...clocks.changed.values()].map(writeClock),
      dues: taskDues(context, clocks, gathered),
      happened: gathered.history,
    },
    change: changeOf(context, state, gathered),
  };
}

function openedColumns({ number, service, procedure }: StepContext, by: string) {
  return { number, service, digest: procedure.digest, by };
}

function tokenRow({ id, scope, element, via }: Token): object {
  return { id, kind: "token", inside: scope, element, ...(via === undefined ? {} : { via }) };
}

function waitRow({ id, kind, token, element }: Wait, gathered: Gathered): object {
  return { id, kind, inside: token, element, ...gathered.particulars.get(id) };
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
function taskDues(context: StepContext, clocks: Clocks, gathered: Gathered): readonly { id: number; due_on: string }[] {
  return context.clockTasks.flatMap(({ id, clock }) => {
    const row = clocks.changed.get(clock);
    const closed = gathered.closed.some((task) => task.taskId === id);
    return row === undefined || closed ? [] : [{ id, due_on: clockDueOn(row, context.at, context.calendar) }];
  });
}

class Gathered {
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

function gather(context: StepContext, effects: readonly Effect[], clocks: Clocks): Gathered {
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
      gathered.requested.push({ caseId: context.caseId, serviceId: wait.id, element: wait.element, slot });
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

type TaskColumns = ReturnType<typeof taskColumns> & { readonly due_on: string; readonly due_clock: string | null };

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
