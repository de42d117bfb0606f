import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { randomOpaqueUuid } from "../random.ts";
import { CASE_SCOPE } from "./advance.ts";
import { type ClockRecord, clockDueOn, writeClock } from "./case-clock.ts";
import type { CaseChange } from "./changes.ts";
import { clockTasks, type HeldCase, type HeldTask } from "./held-case.ts";
import { CASE_VARIABLES_LENGTH_MAX } from "./limits.ts";
import {
  type Clocks,
  type Gathered,
  gather,
  type HistoryRow,
  moveClocks,
  type StepContext,
  type TaskColumns,
} from "./step-effects.ts";
import type { Advance, CaseState, CaseStatus, Token, Wait } from "./types.ts";

/** One step as `procedure.take_step` takes it, as the unit of work sees it, and the case as it leaves it. */
export interface StepRows {
  readonly rows: WrittenStep;
  readonly change: CaseChange;
  readonly after: HeldCase;
}

type TaskRow = TaskColumns & { readonly scope: number };

/** The arguments of `procedure.take_step`; what is absent did not change. */
export interface WrittenStep {
  readonly caseId: string;
  readonly at: string;
  /** The version that the step makes. */
  readonly version: number;
  readonly stamp: string;
  readonly status: CaseStatus;
  readonly outcome: string | undefined;
  readonly nextId: number;
  /** As JSON. */
  readonly variables?: string;
  readonly opened?: { readonly number: string; readonly service: string; readonly digest: string; readonly by: string };
  readonly room: string;
  /** Ids of tokens and waits. */
  readonly gone?: readonly number[];
  readonly rests?: readonly object[];
  readonly completed?: StepContext["completed"];
  readonly cancelled?: readonly number[];
  readonly tasks?: readonly TaskRow[];
  readonly clocks?: readonly ClockRecord[];
  readonly dues?: readonly { readonly id: number; readonly due_on: string }[];
  readonly happened: readonly HistoryRow[];
}

/**
 * Writes a step: one round trip.
 * @param known the stamp that the case must still have, where it is not locked
 * @returns whether it was written: false only where the case has another stamp by now
 */
export async function writeStep(sql: Sql, step: WrittenStep, known: string | null = null): Promise<boolean> {
  const { completed, opened, tasks = [] } = step;
  const [first, ...more] = tasks;
  const [answer] = await sql.query<{ taken: boolean }>(
    `SELECT procedure.take_step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) AS taken`,
    [
      step.caseId,
      step.at,
      step.version,
      step.status,
      step.outcome ?? null,
      step.nextId,
      step.variables ?? null,
      step.stamp,
      known,
      opened === undefined ? null : [opened.number, opened.service, opened.digest, opened.by],
      step.room,
      ids(step.gone),
      rows(step.rests),
      completed?.id ?? null,
      completed?.by ?? null,
      completed?.outcome ?? null,
      ids(step.cancelled),
      first === undefined ? null : taskValues(first),
      rows(more),
      rows(step.clocks),
      rows(step.dues),
      rows(step.happened.map((entry, at) => ({ ordinal: at + 1, ...entry }))),
    ],
  );
  return answer?.taken === true;
}

/** In the order in which `take_step` reads them. */
function taskValues(task: TaskRow): readonly (string | number | null)[] {
  const notBy = `{${task.not_by.map((element) => `"${element.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
  const { id, token, scope, element, instance, title_zh, title_en, duty, people, due_on, due_clock } = task;
  return [id, token, scope, element, instance, title_zh, title_en, duty, notBy, people, due_on, due_clock];
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
  const { held, completed } = context;
  const before = held.state;
  const clocks = moveClocks(context, advanced.effects);
  const gathered = gather(context, advanced.effects, clocks);
  const variables =
    state.variables === before.variables && context.openedBy === undefined
      ? undefined
      : JSON.stringify(state.variables);
  if (variables !== undefined && variables.length > CASE_VARIABLES_LENGTH_MAX) {
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
  const rows: WrittenStep = {
    caseId: held.caseId,
    at: context.at,
    version: held.version + 1,
    stamp: randomOpaqueUuid(),
    status: state.status,
    outcome: state.outcome,
    nextId: state.nextId,
    ...(variables === undefined ? {} : { variables }),
    ...(context.openedBy === undefined ? {} : { opened: openedColumns(held, context.openedBy) }),
    room: held.room,
    gone: [...were.tokens, ...were.waits].filter(({ id }) => !kept.has(id)).map(({ id }) => id),
    rests: [
      ...are.tokens.filter(({ id }) => !known.has(id)).map(tokenRow),
      ...are.waits.filter(({ id }) => !known.has(id)).map((wait) => waitRow(wait, gathered)),
    ],
    ...(completed === undefined ? {} : { completed }),
    // A task that was opened and taken back within one step was never there.
    cancelled: gathered.closed.filter((task) => task.cancelled && known.has(task.taskId)).map((task) => task.taskId),
    tasks: gathered.tasks
      .filter((row) => kept.has(row.id))
      .map((row) => ({ ...row, scope: scopes.get(row.token) ?? CASE_SCOPE })),
    clocks: [...clocks.changed.values()].map(writeClock),
    dues: taskDues(context, clocks, gathered),
    happened: gathered.history,
  };
  return { rows, change: changeOf(held, state, gathered), after: heldAfter(held, rows, { state, clocks, gathered }) };
}

function openedColumns({ number, service, digest }: HeldCase, by: string) {
  return { number, service, digest, by };
}

function tokenRow({ id, scope, element, via }: Token): object {
  return { id, kind: "token", inside: scope, element, ...(via === undefined ? {} : { via }) };
}

function waitRow({ id, kind, token, element }: Wait, gathered: Gathered): object {
  return { id, kind, inside: token, element, ...gathered.particulars.get(id) };
}

/** Open tasks whose last day follows a clock that moved. */
function taskDues(context: StepContext, clocks: Clocks, gathered: Gathered): readonly { id: number; due_on: string }[] {
  return clockTasks(context.held).flatMap(({ id, clock }) => {
    const row = clocks.changed.get(clock);
    const closed = gathered.closed.some((task) => task.taskId === id);
    return row === undefined || closed ? [] : [{ id, due_on: clockDueOn(row, context.at, context.calendar) }];
  });
}

/** What the rows will say when the step is written. */
function heldAfter(
  held: HeldCase,
  rows: WrittenStep,
  { state, clocks, gathered }: { readonly state: CaseState; readonly clocks: Clocks; readonly gathered: Gathered },
): HeldCase {
  const messages = new Map<number, string>();
  for (const { id, kind } of state.waits) {
    const name = kind === "message" ? (held.messages.get(id) ?? gathered.particulars.get(id)?.name) : undefined;
    if (name !== undefined) messages.set(id, name);
  }
  const { completed, cancelled = [], tasks = [], at } = rows;
  return {
    ...held,
    version: rows.version,
    stamp: rows.stamp,
    state,
    messages,
    clocks: [...clocks.all.values()],
    tasks: [
      ...held.tasks.map((task) => {
        if (task.id === completed?.id) return { ...task, closedBy: completed.by, closedAt: at };
        return cancelled.includes(task.id) ? { ...task, closedAt: at } : task;
      }),
      ...tasks.map(openedTask),
    ],
  };
}

function openedTask({ id, token, element, due_clock, people, not_by }: TaskRow): HeldTask {
  const nobody = { claimedBy: null, closedBy: null, closedAt: null };
  return { id, token, element, clock: due_clock, people, notBy: not_by, ...nobody };
}

function changeOf(held: HeldCase, state: CaseState, gathered: Gathered): CaseChange {
  return {
    caseId: held.caseId,
    number: held.number,
    room: held.room,
    service: held.service,
    version: held.version + 1,
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
