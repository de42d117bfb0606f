import type { Text } from "#lib/language/text";
import type { CaseStatus, PeriodUnit, TimerDue, Variables } from "./types.ts";

/** Every expected refusal of the durable engine. A fault (a broken row, an unknown definition) is thrown instead. */
export type ProcedureRefusal =
  | "case-unknown"
  | "case-closed"
  | "task-unknown"
  | "task-closed"
  | "task-claimed"
  | "task-barred"
  | "not-waiting"
  | "stale"
  | "clock-unknown"
  | "clock-state";

export interface Refused {
  readonly ok: false;
  readonly refusal: ProcedureRefusal;
  readonly message: Text;
  /** task-closed, task-claimed: who was there first, and when. */
  readonly by?: string;
  readonly at?: string;
}
export type Answer<Value> = ({ readonly ok: true } & Value) | Refused;

/** A task's place: the case and the number of the task in it. */
export interface TaskPlace {
  readonly caseId: string;
  readonly taskId: number;
}

export interface OpenTask extends TaskPlace {
  readonly element: string;
  readonly instance: number;
  readonly title: Text;
  readonly duty: string;
  readonly notBy: readonly string[];
  readonly openedAt: string;
  /** Last day (Asia/Shanghai, ISO 8601), where the procedure gives the task one. */
  readonly dueOn?: string;
  readonly claimedBy?: string;
}

export interface ServiceRequest {
  readonly caseId: string;
  /** To be given back to `serviceDone` or `serviceFailed`. */
  readonly serviceId: number;
  readonly element: string;
  readonly slot: string;
}

export interface ThrownMessage {
  readonly element: string;
  readonly message: string;
}
export interface DueNotice {
  readonly element: string;
  readonly kind: string;
}
export interface SetTimer {
  readonly timerId: number;
  readonly element: string;
  readonly due: TimerDue;
  readonly dueAt: string;
}

/** What one step did to a case. The unit of work turns services, messages and notices into outbox rows. */
export interface CaseChange {
  readonly caseId: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly version: number;
  readonly status: CaseStatus;
  readonly outcome?: string;
  readonly variables: Variables;
  readonly opened: readonly OpenTask[];
  readonly closed: readonly { readonly taskId: number; readonly element: string; readonly cancelled: boolean }[];
  readonly services: readonly ServiceRequest[];
  readonly messages: readonly ThrownMessage[];
  readonly notices: readonly DueNotice[];
  readonly timers: readonly SetTimer[];
}

/** Who does something to a case, and when (ISO 8601 UTC). */
interface Doing {
  readonly by: string;
  readonly at: string;
}

export interface StartCase extends Doing {
  /** A uuid that the caller made. */
  readonly caseId: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  /** Another definition than the one that `define` bound to the service. */
  readonly digest?: string;
  readonly variables: Variables;
}

export interface CompleteTask extends TaskPlace, Doing {
  /** What was decided; conditions read it as `outcome`, also when the form has a variable of that name. */
  readonly outcome: string;
  readonly variables?: Variables;
  /** Refused as `stale` where the case has moved on since this version was read. */
  readonly expectedVersion?: number;
}

export interface ClaimTask extends TaskPlace, Doing {}

export interface FinishService {
  readonly caseId: string;
  readonly serviceId: number;
  readonly variables?: Variables;
  readonly at: string;
  /** Where the service failed: the code that an error boundary catches. */
  readonly errorCode?: string;
}

export interface DeliverMessage extends Doing {
  readonly caseId: string;
  /** The message's name. Refused as `not-waiting` where no token of the case waits for it. */
  readonly message: string;
  readonly variables?: Variables;
}

export interface FireTimer {
  readonly caseId: string;
  readonly timerId: number;
  readonly at: string;
}

/** Ends a case whatever it waits for, such as by withdrawal (撤回申请). */
export interface CancelCase extends Doing {
  readonly caseId: string;
  readonly outcome: string;
  readonly variables?: Variables;
}

/** A change of a clock by hand: what the diagram does not do itself. */
export type ChangeClock = Doing & { readonly caseId: string; readonly clock: string } & (
    | { readonly change: "start" }
    | { readonly change: "pause"; readonly reason: string; readonly article: string }
    | { readonly change: "resume" }
    | { readonly change: "extend"; readonly amount: number; readonly reason: string; readonly article: string }
    | { readonly change: "stop" }
  );

/** A case that is held until the transaction ends, for what belongs to it outside its diagram. */
export interface HoldCase {
  readonly caseId: string;
}
export type Held = Answer<{ readonly version: number; readonly variables: Variables }>;

export type Changed = Answer<{ readonly change: CaseChange }>;

export interface ClosedTask extends TaskPlace {
  readonly element: string;
  readonly instance: number;
  readonly title: Text;
  readonly duty: string;
  readonly openedAt: string;
  readonly closedAt: string;
  readonly closedBy?: string;
  /** `cancelled` where the task was taken back by the procedure. */
  readonly outcome: string;
}

/** One row of a case's clock. Days are Asia/Shanghai, ISO 8601. */
export interface ClockRow {
  readonly id: string;
  readonly title: Text;
  readonly unit: PeriodUnit;
  readonly amount: number;
  readonly promised?: number;
  readonly article: string;
  readonly startedOn: string;
  readonly stoppedOn?: string;
  readonly pauses: readonly ClockPause[];
  readonly extensions: readonly ClockExtension[];
}
export interface ClockPause {
  readonly from: string;
  /** The first day that counts again. */
  readonly to?: string;
  /** The element of the diagram in which the case rested. Absent where an official paused the clock. */
  readonly element?: string;
  readonly reason: string;
  readonly article: string;
}
export interface ClockExtension {
  readonly amount: number;
  readonly on: string;
  readonly reason: string;
  readonly article: string;
  readonly by: string;
}

export interface HistoryEntry {
  readonly at: string;
  readonly kind: string;
  readonly element?: string;
  readonly by?: string;
  readonly detail: Variables;
}

export interface CaseView {
  readonly caseId: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly digest: string;
  readonly status: CaseStatus;
  readonly outcome?: string;
  readonly version: number;
  readonly variables: Variables;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly openTasks: readonly OpenTask[];
  readonly closedTasks: readonly ClosedTask[];
  readonly clocks: readonly ClockRow[];
  readonly awaited: readonly { readonly subscriptionId: number; readonly element: string; readonly message: string }[];
  readonly timers: readonly { readonly timerId: number; readonly element: string; readonly dueAt: string }[];
  /** Elements on which the case rests now. */
  readonly at: readonly string[];
  readonly history: readonly HistoryEntry[];
}
