import type { WorkingCalendar } from "#lib/calendar/working-day";
import type { Sql, Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { advance, INITIAL_STATE } from "./advance.ts";
import { clockDueOn, writeClock } from "./case-clock.ts";
import { type LockedCase, lockCase, readInstant, readTask, type TaskRecord } from "./case-rows.ts";
import { readCase, readCases, readDueTimers, readQueue } from "./case-view.ts";
import type {
  Answer,
  CancelCase,
  CaseChange,
  CaseView,
  ChangeClock,
  Changed,
  ClaimTask,
  ClockRow,
  CompleteTask,
  DeliverMessage,
  FinishService,
  FireTimer,
  OpenTask,
  Refused,
  StartCase,
} from "./changes.ts";
import { clockAfter } from "./clock-change.ts";
import { compileProcedure, procedureDigest } from "./compile.ts";
import { PROCEDURE_CACHE_MAX } from "./limits.ts";
import type { Procedures, QueuedTask, TaskQuery } from "./procedures.ts";
import { refused } from "./refusals.ts";
import { type HistoryRow, type StepContext, stepRows, writeStep } from "./step-rows.ts";
import type { Procedure, ProcedureEvent, Wait } from "./types.ts";
import "./faults.ts";

/** The tables of the engine. */
export const PROCEDURE_MIGRATIONS = Object.freeze({ scope: "procedures", folder: `${import.meta.dirname}/migrations` });

/** The engine of one node. @param options.calendar the working days it counts; default the published ones */
export function openProcedures(options: { readonly calendar?: WorkingCalendar } = {}): Procedures {
  return new Engine(options.calendar);
}

class Engine implements Procedures {
  readonly #calendar: WorkingCalendar | undefined;
  readonly #byDigest = new Map<string, Procedure>();
  readonly #current = new Map<string, Procedure>();

  constructor(calendar: WorkingCalendar | undefined) {
    this.#calendar = calendar;
  }

  async define(sql: Sql, definition: Parameters<Procedures["define"]>[1]): Promise<Procedure> {
    // Many items share one file: it is compiled once.
    const known = this.#byDigest.get(procedureDigest(definition.sources));
    const procedure = known ?? (await compileProcedure(definition.sources));
    await sql.query(
      `INSERT INTO procedure.definition (digest, room, id, sources, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (digest) DO NOTHING`,
      [procedure.digest, definition.room, procedure.id, JSON.stringify(procedure.sources), definition.at],
    );
    this.#remember(procedure);
    for (const service of definition.services) this.#current.set(`${definition.room}/${service}`, procedure);
    return procedure;
  }

  current(room: string, service: string): Procedure | undefined {
    return this.#current.get(`${room}/${service}`);
  }

  async byDigest(sql: Sql, digest: string): Promise<Procedure> {
    const known = this.#byDigest.get(digest);
    if (known !== undefined) return known;
    const [row] = await sql.query<{ sources: readonly string[] }>(
      "SELECT sources FROM procedure.definition WHERE digest = $1",
      [digest],
    );
    if (row === undefined) throw new Fault("ERR_PROCEDURE_UNKNOWN", { message: digest });
    const procedure = await compileProcedure(row.sources);
    assert(procedure.digest === digest, "a definition has the digest under which it is kept");
    this.#remember(procedure);
    return procedure;
  }

  #remember(procedure: Procedure): void {
    if (this.#byDigest.size >= PROCEDURE_CACHE_MAX) {
      const [oldest] = this.#byDigest.keys();
      if (oldest !== undefined) this.#byDigest.delete(oldest);
    }
    this.#byDigest.set(procedure.digest, procedure);
  }

  async start(tx: Transaction, start: StartCase): Promise<Changed> {
    const bound = start.digest === undefined ? this.current(start.room, start.service) : undefined;
    if (bound === undefined && start.digest === undefined) {
      throw new Fault("ERR_PROCEDURE_UNKNOWN", { message: `none is bound to ${start.room}.${start.service}` });
    }
    const procedure = bound ?? (await this.byDigest(tx, start.digest ?? ""));
    const change = await this.#write(
      tx,
      {
        procedure,
        caseId: start.caseId,
        number: start.number,
        room: start.room,
        service: start.service,
        version: 1,
        before: INITIAL_STATE,
        clocks: [],
        clockTasks: [],
        at: start.at,
        openedBy: start.by,
      },
      { type: "start", variables: start.variables },
    );
    return { ok: true, change };
  }

  async complete(tx: Transaction, done: CompleteTask): Promise<Changed> {
    const { taskId, by, outcome } = done;
    const locked = await lockCase(tx, done);
    const refusal = refusedTask(locked, done);
    if (refusal !== undefined) return refusal;
    assert(locked?.task !== undefined, "the task was just read");
    return await this.#step(tx, locked, {
      event: { type: "task-completed", wait: taskId, variables: { ...done.variables, outcome } },
      at: done.at,
      completed: { id: taskId, by, outcome },
    });
  }

  async claim(tx: Transaction, claim: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>> {
    return await this.#hold(tx, claim, claim.by);
  }

  async release(tx: Transaction, claim: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>> {
    return await this.#hold(tx, claim, null);
  }

  async #hold(
    tx: Transaction,
    { caseId, taskId, by, at }: ClaimTask,
    holder: string | null,
  ): Promise<Answer<{ readonly task: OpenTask }>> {
    const refusal = refusedTask(await lockCase(tx, { caseId, taskId, by }), { by });
    if (refusal !== undefined) return refusal;
    const [record] = await tx.query<TaskRecord>(
      `UPDATE procedure.task SET claimed_by = $3, claimed_at = CASE WHEN $3::text IS NULL THEN NULL ELSE $4::timestamptz END
       WHERE case_id = $1 AND id = $2 RETURNING *`,
      [caseId, taskId, holder, at],
    );
    assert(record !== undefined, "the task was just read");
    return { ok: true, task: readTask(record) };
  }

  async finishService(tx: Transaction, done: FinishService): Promise<Changed> {
    const { serviceId, errorCode, variables = {} } = done;
    const locked = await lockCase(tx, done);
    const found = findWait(locked, (wait) => wait.kind === "service" && wait.id === serviceId);
    if (!("wait" in found)) return found;
    const { element } = found.wait;
    return await this.#step(tx, found.locked, {
      event:
        errorCode === undefined
          ? { type: "service-done", wait: serviceId, variables }
          : { type: "service-failed", wait: serviceId, errorCode, variables },
      happened:
        errorCode === undefined
          ? { kind: "service-done", element }
          : { kind: "service-failed", element, detail: { error: errorCode } },
      at: done.at,
    });
  }

  async deliver(tx: Transaction, delivered: DeliverMessage): Promise<Changed> {
    const { message, variables = {}, by } = delivered;
    const locked = await lockCase(tx, { caseId: delivered.caseId });
    const found = findWait(locked, (wait) => wait.kind === "message" && locked?.messages.get(wait.id) === message);
    if (!("wait" in found)) return found;
    return await this.#step(tx, found.locked, {
      event: { type: "message-delivered", wait: found.wait.id, variables },
      happened: { kind: "message", element: found.wait.element, by, detail: { message } },
      at: delivered.at,
    });
  }

  async fireTimer(tx: Transaction, timer: FireTimer): Promise<Changed> {
    const locked = await lockCase(tx, { caseId: timer.caseId });
    const found = findWait(locked, (wait) => wait.kind === "timer" && wait.id === timer.timerId);
    if (!("wait" in found)) return found;
    return await this.#step(tx, found.locked, {
      event: { type: "timer-fired", wait: found.wait.id },
      happened: { kind: "timer-fired", element: found.wait.element },
      at: timer.at,
    });
  }

  async cancel(tx: Transaction, cancel: CancelCase): Promise<Changed> {
    const { outcome, by, variables } = cancel;
    const locked = await lockCase(tx, { caseId: cancel.caseId });
    if (locked === undefined) return refused("case-unknown");
    if (locked.state.status !== "running") return refused("case-closed");
    return await this.#step(tx, locked, {
      event: { type: "cancelled", outcome, ...(variables === undefined ? {} : { variables }) },
      happened: { kind: "cancelled", by, detail: { outcome } },
      at: cancel.at,
    });
  }

  async changeClock(tx: Transaction, change: ChangeClock): Promise<Answer<{ readonly clock: ClockRow }>> {
    const locked = await lockCase(tx, { caseId: change.caseId });
    if (locked === undefined) return refused("case-unknown");
    const procedure = await this.byDigest(tx, locked.digest);
    const after = clockAfter(change, { locked, procedure });
    if ("ok" in after) return after;
    const dueOn = clockDueOn(after, change.at, this.#calendar);
    const dues = locked.clockTasks.filter((task) => task.clock === after.id).map(({ id }) => ({ id, due_on: dueOn }));
    const detail =
      "reason" in change ? { clock: after.id, reason: change.reason, article: change.article } : { clock: after.id };
    const { state } = locked;
    await writeStep(tx, {
      caseId: locked.caseId,
      at: change.at,
      room: locked.room,
      status: state.status,
      outcome: state.outcome,
      nextId: state.nextId,
      version: locked.version + 1,
      clocks: [writeClock(after)],
      dues,
      happened: [{ kind: `clock-${change.change}`, by: change.by, detail }],
    });
    return { ok: true, clock: after };
  }

  async view(sql: Sql, caseId: string): Promise<CaseView | undefined> {
    return await readCase(sql, caseId);
  }

  async views(sql: Sql, caseIds: readonly string[]): Promise<ReadonlyMap<string, CaseView>> {
    return await readCases(sql, caseIds);
  }

  async tasks(sql: Sql, query: TaskQuery): Promise<readonly QueuedTask[]> {
    return await readQueue(sql, query);
  }

  async dueTimers(sql: Sql, query: Parameters<Procedures["dueTimers"]>[1]): ReturnType<Procedures["dueTimers"]> {
    return await readDueTimers(sql, query);
  }

  /** Moves a locked case on by one event and writes what changed. */
  async #step(
    tx: Transaction,
    locked: LockedCase,
    step: {
      readonly event: ProcedureEvent;
      readonly happened?: HistoryRow;
      readonly at: string;
      readonly completed?: { readonly id: number; readonly by: string; readonly outcome: string };
    },
  ): Promise<Changed> {
    const { event, ...rest } = step;
    const change = await this.#write(
      tx,
      {
        ...rest,
        procedure: await this.byDigest(tx, locked.digest),
        caseId: locked.caseId,
        number: locked.number,
        room: locked.room,
        service: locked.service,
        version: locked.version + 1,
        before: locked.state,
        clocks: locked.clocks,
        clockTasks: locked.clockTasks,
      },
      event,
    );
    return { ok: true, change };
  }

  async #write(tx: Transaction, context: StepContext, event: ProcedureEvent): Promise<CaseChange> {
    const advanced = advance(context.procedure, context.before, event);
    const calendar = this.#calendar === undefined ? {} : { calendar: this.#calendar };
    const { rows, change } = stepRows({ ...context, ...calendar }, advanced);
    // Not awaited: it travels with what the caller writes next, and is answered before the commit.
    writeStep(tx, rows).catch(() => undefined);
    return change;
  }
}

/** Why a person may not act on a task, if so. Two officials at once: the lock lets the second see what the first did. */
function refusedTask(
  locked: LockedCase | undefined,
  wanted: { readonly by: string; readonly expectedVersion?: number },
): Refused | undefined {
  if (locked === undefined) return refused("case-unknown");
  const { task } = locked;
  if (task === undefined) return refused("task-unknown");
  if (task.closedAt !== null) {
    return refused("task-closed", { by: task.closedBy ?? undefined, at: readInstant(task.closedAt) });
  }
  if (locked.state.status !== "running") return refused("case-closed");
  if (wanted.expectedVersion !== undefined && wanted.expectedVersion !== locked.version) return refused("stale");
  if (task.claimedBy !== null && task.claimedBy !== wanted.by) return refused("task-claimed", { by: task.claimedBy });
  return task.barred ? refused("task-barred") : undefined;
}

function findWait(
  locked: LockedCase | undefined,
  matches: (wait: Wait) => boolean,
): { readonly wait: Wait; readonly locked: LockedCase } | Refused {
  if (locked === undefined) return refused("case-unknown");
  if (locked.state.status !== "running") return refused("case-closed");
  const wait = locked.state.waits.find(matches);
  return wait === undefined ? refused("not-waiting") : { wait, locked };
}
