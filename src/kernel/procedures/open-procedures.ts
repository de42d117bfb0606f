import type { WorkingCalendar } from "#lib/calendar/working-day";
import type { Database, Sql, Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { randomOpaqueUuid } from "../random.ts";
import { advance, INITIAL_STATE } from "./advance.ts";
import { clockDueOn, writeClock } from "./case-clock.ts";
import { lockCase, readInstant, readTask, type TaskRecord } from "./case-rows.ts";
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
  Held,
  HoldCase,
  OpenTask,
  Refused,
  StartCase,
} from "./changes.ts";
import { clockAfter } from "./clock-change.ts";
import { compileProcedure, procedureDigest } from "./compile.ts";
import { CaseMemory, clockTasks, type HeldCase, isBarred } from "./held-case.ts";
import { PROCEDURE_CACHE_MAX, REMEMBERED_VARIABLES_LENGTH_MAX } from "./limits.ts";
import type { Procedures, QueuedTask, StepSql, TaskQuery } from "./procedures.ts";
import { refused } from "./refusals.ts";
import type { StepContext } from "./step-effects.ts";
import { type StepRows, stepRows, writeStep } from "./step-rows.ts";
import type { Procedure, ProcedureEvent, Variables, Wait } from "./types.ts";
import "./faults.ts";

/** The tables of the engine. */
export const PROCEDURE_MIGRATIONS = Object.freeze({ scope: "procedures", folder: `${import.meta.dirname}/migrations` });

/** The engine of one node. @param options.calendar the working days it counts; default the published ones */
export function openProcedures(options: { readonly calendar?: WorkingCalendar } = {}): Procedures {
  return new Engine(options.calendar);
}

const BEFORE_START = { version: 0, stamp: null, state: INITIAL_STATE, messages: new Map(), clocks: [], tasks: [] };

class Engine implements Procedures {
  readonly #calendar: WorkingCalendar | undefined;
  readonly #byDigest = new Map<string, Procedure>();
  readonly #current = new Map<string, Procedure>();
  readonly #memory = new CaseMemory();

  constructor(calendar: WorkingCalendar | undefined) {
    this.#calendar = calendar;
  }

  async compile(sources: readonly string[]): Promise<Procedure> {
    // Many items share one file: it is compiled once.
    const known = this.#byDigest.get(procedureDigest(sources));
    if (known !== undefined) return known;
    const procedure = await compileProcedure(sources);
    this.#keep(procedure);
    return procedure;
  }

  async define(sql: Sql, definition: Parameters<Procedures["define"]>[1]): Promise<Procedure> {
    const procedure = await this.compile(definition.sources);
    await sql.query(
      `INSERT INTO procedure.definition (digest, room, id, sources, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (digest) DO NOTHING`,
      [procedure.digest, definition.room, procedure.id, JSON.stringify(procedure.sources), definition.at],
    );
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
    this.#keep(procedure);
    return procedure;
  }

  #keep(procedure: Procedure): void {
    if (this.#byDigest.size >= PROCEDURE_CACHE_MAX) {
      const [oldest] = this.#byDigest.keys();
      if (oldest !== undefined) this.#byDigest.delete(oldest);
    }
    this.#byDigest.set(procedure.digest, procedure);
  }

  async start(sql: StepSql, start: StartCase): Promise<Changed> {
    const bound = start.digest === undefined ? this.current(start.room, start.service) : undefined;
    if (bound === undefined && start.digest === undefined) {
      throw new Fault("ERR_PROCEDURE_UNKNOWN", { message: `none is bound to ${start.room}.${start.service}` });
    }
    const procedure = bound ?? (await this.byDigest(sql, start.digest ?? ""));
    const { caseId, number, room, service } = start;
    const held = { ...BEFORE_START, caseId, number, room, service, digest: procedure.digest };
    const event = { type: "start", variables: start.variables } as const;
    const step = this.#step({ held, procedure }, { event, at: start.at, openedBy: start.by });
    return { ok: true, change: await this.#write(sql, step) };
  }

  async complete(sql: StepSql, done: CompleteTask): Promise<Changed> {
    const { caseId, taskId, by, outcome, at } = done;
    return await this.#move(sql, caseId, (held) => {
      const refusal = refusedTask(held, done);
      if (refusal !== undefined) return refusal;
      const event = { type: "task-completed", wait: taskId, variables: { ...done.variables, outcome } } as const;
      return { event, at, completed: { id: taskId, by, outcome } };
    });
  }

  async claim(tx: Transaction, claim: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>> {
    return await this.#hold(tx, claim, claim.by);
  }

  async release(tx: Transaction, claim: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>> {
    return await this.#hold(tx, claim, null);
  }

  async #hold(tx: Transaction, claim: ClaimTask, holder: string | null): Promise<Answer<{ readonly task: OpenTask }>> {
    const { caseId, taskId, at } = claim;
    const held = await lockCase(tx, caseId);
    const refusal = held === undefined ? refused("case-unknown") : refusedTask(held, claim);
    if (refusal !== undefined) return refusal;
    this.#memory.forget(caseId);
    const [, [record]] = await Promise.all([
      tx.execute('UPDATE procedure."case" SET stamp = $2 WHERE id = $1', [caseId, randomOpaqueUuid()]),
      tx.query<TaskRecord>(
        `UPDATE procedure.task SET claimed_by = $3, claimed_at = CASE WHEN $3::text IS NULL THEN NULL ELSE $4::timestamptz END
         WHERE case_id = $1 AND id = $2 RETURNING *`,
        [caseId, taskId, holder, at],
      ),
    ]);
    assert(record !== undefined, "the task was just read");
    return { ok: true, task: readTask(record) };
  }

  async finishService(sql: StepSql, done: FinishService): Promise<Changed> {
    const { caseId, serviceId, errorCode, variables = {}, at } = done;
    return await this.#move(sql, caseId, (held) => {
      const wait = waitOf(held, ({ kind, id }) => kind === "service" && id === serviceId);
      if ("ok" in wait) return wait;
      const { element } = wait;
      if (errorCode === undefined) {
        const event = { type: "service-done", wait: serviceId, variables } as const;
        return { event, at, happened: { kind: "service-done", element } };
      }
      const event = { type: "service-failed", wait: serviceId, errorCode, variables } as const;
      return { event, at, happened: { kind: "service-failed", element, detail: { error: errorCode } } };
    });
  }

  async deliver(sql: StepSql, delivered: DeliverMessage): Promise<Changed> {
    const { caseId, message, variables = {}, by, at } = delivered;
    return await this.#move(sql, caseId, (held) => {
      const wait = waitOf(held, ({ kind, id }) => kind === "message" && held.messages.get(id) === message);
      if ("ok" in wait) return wait;
      const event = { type: "message-delivered", wait: wait.id, variables } as const;
      return { event, at, happened: { kind: "message", element: wait.element, by, detail: { message } } };
    });
  }

  async fireTimer(sql: StepSql, { caseId, timerId, at }: FireTimer): Promise<Changed> {
    return await this.#move(sql, caseId, (held) => {
      const wait = waitOf(held, ({ kind, id }) => kind === "timer" && id === timerId);
      if ("ok" in wait) return wait;
      const event = { type: "timer-fired", wait: timerId } as const;
      return { event, at, happened: { kind: "timer-fired", element: wait.element } };
    });
  }

  async cancel(sql: StepSql, { caseId, outcome, by, variables, at }: CancelCase): Promise<Changed> {
    return await this.#move(sql, caseId, (held) => {
      if (held.state.status !== "running") return refused("case-closed");
      const event = { type: "cancelled", outcome, ...(variables === undefined ? {} : { variables }) } as const;
      return { event, at, happened: { kind: "cancelled", by, detail: { outcome } } };
    });
  }

  async hold(tx: Transaction, { caseId }: HoldCase): Promise<Held> {
    const held = await lockCase(tx, caseId);
    if (held === undefined) return refused("case-unknown");
    if (held.state.status !== "running") return refused("case-closed");
    this.#memory.forget(caseId);
    const version = held.version + 1;
    await tx.execute('UPDATE procedure."case" SET version = $2, stamp = $3 WHERE id = $1', [
      caseId,
      version,
      randomOpaqueUuid(),
    ]);
    return { ok: true, version, variables: held.state.variables };
  }

  async changeClock(tx: Transaction, change: ChangeClock): Promise<Answer<{ readonly clock: ClockRow }>> {
    const held = await lockCase(tx, change.caseId);
    if (held === undefined) return refused("case-unknown");
    const procedure = await this.byDigest(tx, held.digest);
    const after = clockAfter(change, { held, procedure });
    if ("ok" in after) return after;
    this.#memory.forget(held.caseId);
    const dueOn = clockDueOn(after, change.at, this.#calendar);
    const detail =
      "reason" in change ? { clock: after.id, reason: change.reason, article: change.article } : { clock: after.id };
    await writeStep(tx, {
      caseId: held.caseId,
      at: change.at,
      room: held.room,
      status: held.state.status,
      outcome: held.state.outcome,
      nextId: held.state.nextId,
      version: held.version + 1,
      stamp: randomOpaqueUuid(),
      clocks: [writeClock(after)],
      dues: clockTasks(held).flatMap(({ id, clock }) => (clock === after.id ? [{ id, due_on: dueOn }] : [])),
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

  /**
   * Moves a case on. What this process remembers of it spares the reading, where its stamp is still that of the row; where it is
   * not, and where the answer would be a refusal, the case is locked and read.
   */
  async #move(sql: StepSql, caseId: string, decide: Decide): Promise<Changed> {
    const change = await this.#moveFromMemory(sql, caseId, decide);
    if (change !== undefined) return { ok: true, change };
    if (isDatabase(sql)) return await sql.transaction((tx) => this.#moveLocked(tx, caseId, decide));
    return await this.#moveLocked(sql, caseId, decide);
  }

  async #moveLocked(tx: Transaction, caseId: string, decide: Decide): Promise<Changed> {
    const held = await lockCase(tx, caseId);
    if (held === undefined) return refused("case-unknown");
    const move = decide(held);
    if ("ok" in move) return move;
    const step = this.#step({ held, procedure: await this.byDigest(tx, held.digest) }, move);
    return { ok: true, change: await this.#write(tx, step) };
  }

  async #moveFromMemory(sql: StepSql, caseId: string, decide: Decide): Promise<CaseChange | undefined> {
    const held = this.#memory.get(caseId);
    const procedure = this.#byDigest.get(held?.digest ?? "");
    if (held === undefined || procedure === undefined) return undefined;
    const step = this.#stepFrom(held, procedure, decide);
    if (step === undefined) return undefined;
    // Until it is known to be written, another caller must not build on it.
    this.#memory.forget(caseId);
    if (!(await writeStep(sql, step.rows, held.stamp))) return undefined;
    this.#remember(step);
    return step.change;
  }

  /** A step from what is remembered; undefined where that gives none: it may be of yesterday, and the rows tell what is so. */
  #stepFrom(held: HeldCase, procedure: Procedure, decide: Decide): StepRows | undefined {
    try {
      const move = decide(held);
      return "ok" in move ? undefined : this.#step({ held, procedure }, move);
    } catch {
      return undefined;
    }
  }

  #step(of: { readonly held: HeldCase; readonly procedure: Procedure }, { event, ...rest }: Move): StepRows {
    const calendar = this.#calendar === undefined ? {} : { calendar: this.#calendar };
    return stepRows({ ...of, ...rest, ...calendar }, advance(of.procedure, of.held.state, event));
  }

  /** Writes a step of a new case, or of one that this transaction holds. */
  async #write(sql: StepSql, step: StepRows): Promise<CaseChange> {
    const written = writeStep(sql, step.rows);
    // In a transaction it is not awaited: it travels with what the caller writes next, and is answered before the commit.
    if (isDatabase(sql)) await written;
    else written.catch(() => undefined);
    this.#remember(step);
    return step.change;
  }

  /** Also before its commit: what is rolled back leaves a stamp that no row has. */
  #remember({ rows, after }: StepRows): void {
    const { variables } = rows;
    if (
      variables === undefined ||
      variables.length > REMEMBERED_VARIABLES_LENGTH_MAX ||
      after.state.status !== "running"
    ) {
      this.#memory.forget(after.caseId);
      return;
    }
    // As they will be read, and a copy that no caller holds.
    this.#memory.put({ ...after, state: { ...after.state, variables: JSON.parse(variables) as Variables } });
  }
}

/** What happens to a case as it stands, or why not. */
type Decide = (held: HeldCase) => Move | Refused;
type Move = Pick<StepContext, "at" | "happened" | "completed" | "openedBy"> & { readonly event: ProcedureEvent };

function isDatabase(sql: StepSql): sql is Database {
  return "transaction" in sql;
}

/** Why a person may not act on a task, if so. Two officials at once: the lock lets the second see what the first did. */
function refusedTask(
  held: HeldCase,
  wanted: { readonly taskId: number; readonly by: string; readonly expectedVersion?: number },
): Refused | undefined {
  const task = held.tasks.find(({ id }) => id === wanted.taskId);
  if (task === undefined) return refused("task-unknown");
  if (task.closedAt !== null) {
    return refused("task-closed", { by: task.closedBy ?? undefined, at: readInstant(task.closedAt) });
  }
  if (held.state.status !== "running") return refused("case-closed");
  if (wanted.expectedVersion !== undefined && wanted.expectedVersion !== held.version) return refused("stale");
  if (task.claimedBy !== null && task.claimedBy !== wanted.by) return refused("task-claimed", { by: task.claimedBy });
  return isBarred(held, task, wanted.by) ? refused("task-barred") : undefined;
}

function waitOf({ state }: HeldCase, matches: (wait: Wait) => boolean): Wait | Refused {
  if (state.status !== "running") return refused("case-closed");
  return state.waits.find(matches) ?? refused("not-waiting");
}
