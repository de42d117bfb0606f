import type { Sql, Transaction } from "../database/sql.ts";
import type { CaseChange, CaseView, ClockRow, ProcedureRefusal } from "../procedures/changes.ts";
import type { Variables } from "../procedures/types.ts";
import type { TaskListItem } from "./tasks.ts";

export type StepAnswer =
  | { readonly ok: true; readonly change: CaseChange }
  | { readonly ok: false; readonly refusal: ProcedureRefusal };

interface Step {
  readonly caseId: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/**
 * What services need of the engine. It knows which definition a room's item uses now; a running case stays on the
 * definition that it began with.
 */
export interface ProcedureEngine {
  start(
    transaction: Transaction,
    opening: Step & {
      readonly number: string;
      readonly room: string;
      readonly service: string;
      readonly variables: Variables;
      readonly by: string;
    },
  ): Promise<StepAnswer>;
  completeTask(
    transaction: Transaction,
    completion: Step & {
      readonly taskId: number;
      readonly by: string;
      readonly outcome: string;
      readonly variables: Variables;
    },
  ): Promise<StepAnswer>;
  deliver(
    transaction: Transaction,
    message: Step & { readonly message: string; readonly variables: Variables; readonly by: string },
  ): Promise<StepAnswer>;
  serviceDone(
    transaction: Transaction,
    done: Step & { readonly serviceId: number; readonly variables: Variables },
  ): Promise<StepAnswer>;
  serviceFailed(
    transaction: Transaction,
    failed: Step & { readonly serviceId: number; readonly errorCode: string; readonly variables: Variables },
  ): Promise<StepAnswer>;
  fireTimer(transaction: Transaction, fired: Step & { readonly timerId: number }): Promise<StepAnswer>;
  cancel(
    transaction: Transaction,
    cancellation: Step & { readonly outcome: string; readonly by: string },
  ): Promise<StepAnswer>;
  extendClock(
    transaction: Transaction,
    extension: Step & {
      readonly clock: string;
      readonly amount: number;
      readonly reason: string;
      readonly article: string;
      readonly by: string;
    },
  ): Promise<void>;
  release(transaction: Transaction, task: Step & { readonly taskId: number }): Promise<void>;
  claim(transaction: Transaction, task: Step & { readonly taskId: number; readonly by: string }): Promise<boolean>;
  view(sql: Sql, caseId: string): Promise<CaseView | undefined>;
  /** The last day of a clock, ISO 8601, Asia/Shanghai. */
  dueOn(clock: ClockRow): string;
  openTasks(
    sql: Sql,
    about: {
      readonly duties: readonly string[];
      readonly authority: string;
      readonly officialId: string;
      readonly limit: number;
      readonly offset: number;
    },
  ): Promise<{ readonly total: number; readonly items: readonly TaskListItem[] }>;
}
