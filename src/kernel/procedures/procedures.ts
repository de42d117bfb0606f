import type { Bind } from "#lib/cedar/row-sql";
import type { Database, Sql, Transaction } from "../database/sql.ts";
import type {
  Answer,
  CancelCase,
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
  StartCase,
} from "./changes.ts";
import type { Procedure } from "./types.ts";

/**
 * Where a step is written: in the transaction of an act, that commits it with what else the act writes; or, where there is nothing
 * else, in the database itself: then the step is a transaction of its own, one statement where the process remembers the case.
 */
export type StepSql = Transaction | Database;

/**
 * The durable engine: a step writes a case in one statement, which holds what the process remembers of the case to its row; what
 * it does not remember, it locks and reads before, in one round trip.
 */
export interface Procedures {
  /** Compiles BPMN files, each once. @throws ProcedureDefinitionFault with all problems together */
  compile(sources: readonly string[]): Promise<Procedure>;
  /**
   * Compiles BPMN files, keeps their text under its digest, and binds it to the services: cases that begin from now on
   * follow it, running ones stay on theirs. The first source holds the process that a case begins with.
   */
  define(
    sql: Sql,
    definition: {
      readonly room: string;
      readonly services: readonly string[];
      readonly sources: readonly string[];
      readonly at: string;
    },
  ): Promise<Procedure>;
  /** What new cases of a service follow. */
  current(room: string, service: string): Procedure | undefined;
  /** The definition that a case is pinned to. */
  byDigest(sql: Sql, digest: string): Promise<Procedure>;

  start(sql: StepSql, start: StartCase): Promise<Changed>;
  complete(sql: StepSql, task: CompleteTask): Promise<Changed>;
  claim(tx: Transaction, task: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>>;
  release(tx: Transaction, task: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>>;
  finishService(sql: StepSql, service: FinishService): Promise<Changed>;
  deliver(sql: StepSql, message: DeliverMessage): Promise<Changed>;
  fireTimer(sql: StepSql, timer: FireTimer): Promise<Changed>;
  cancel(sql: StepSql, cancel: CancelCase): Promise<Changed>;
  /**
   * Holds a running case while something is written about it that its diagram does not know. It has a new version then: whoever read
   * the case before, and decides on what he read, is refused as `stale`.
   */
  hold(tx: Transaction, hold: HoldCase): Promise<Held>;
  changeClock(tx: Transaction, change: ChangeClock): Promise<Answer<{ readonly clock: ClockRow }>>;

  view(sql: Sql, caseId: string): Promise<CaseView | undefined>;
  /** The same of several cases, by their ids, in one statement. */
  views(sql: Sql, caseIds: readonly string[]): Promise<ReadonlyMap<string, CaseView>>;
  /** Open tasks that one of these duties may do, by deadline; a page at a time. */
  tasks(sql: Sql, query: TaskQuery): Promise<readonly QueuedTask[]>;
  /** Timers that are due, for a node that fires them itself. */
  dueTimers(
    sql: Sql,
    query: { readonly at: string; readonly limit: number },
  ): Promise<readonly { readonly caseId: string; readonly timerId: number }[]>;
}

export interface TaskQuery {
  readonly duties: readonly string[];
  /** Rooms whose cases are looked at; all when absent. */
  readonly rooms?: readonly string[];
  /** Leaves out what this person may not do, having done a part that excludes it, and what others claimed. */
  readonly for?: string;
  /** Only tasks of these elements of their diagrams. */
  readonly elements?: readonly string[];
  /** Only what `for` holds, or what nobody holds. */
  readonly held?: "mine" | "free";
  /** A further condition on `t`, the task, and `c`, its case: what the reader may see. */
  readonly shown?: ((bind: Bind) => string) | undefined;
  readonly limit: number;
  /** The last row of the page before. */
  readonly after?: {
    readonly dueOn: string | undefined;
    readonly openedAt: string;
    readonly caseId: string;
    readonly taskId: number;
  };
}

export interface QueuedTask extends OpenTask {
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly caseOpenedAt: string;
}
