import type { Sql, Transaction } from "../database/sql.ts";
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
  OpenTask,
  StartCase,
} from "./changes.ts";
import type { Procedure } from "./types.ts";

/** The durable engine: a step locks and reads a case in one round trip, and writes it in one statement. */
export interface Procedures {
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

  start(tx: Transaction, start: StartCase): Promise<Changed>;
  complete(tx: Transaction, task: CompleteTask): Promise<Changed>;
  claim(tx: Transaction, task: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>>;
  release(tx: Transaction, task: ClaimTask): Promise<Answer<{ readonly task: OpenTask }>>;
  finishService(tx: Transaction, service: FinishService): Promise<Changed>;
  deliver(tx: Transaction, message: DeliverMessage): Promise<Changed>;
  fireTimer(tx: Transaction, timer: FireTimer): Promise<Changed>;
  cancel(tx: Transaction, cancel: CancelCase): Promise<Changed>;
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
