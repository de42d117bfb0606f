import type { CompiledExpression } from "#lib/feel/expression";
import type { Text } from "#lib/language/text";

/** What a case variable may hold. Money and other exact decimals travel as strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Variables = Readonly<Record<string, Json>>;

// ---------------------------------------------------------------------------------------------------------------------
// The transition table: what a BPMN file is compiled to.

/** The elements of BPMN 2.0 that the executor knows. Any other is refused by name when the file is compiled. */
export type ElementKind =
  | "start"
  | "end"
  | "terminate-end"
  | "error-end"
  | "user-task"
  | "service-task"
  | "send-task"
  | "receive-task"
  | "exclusive-gateway"
  | "parallel-gateway"
  | "event-gateway"
  | "timer-catch"
  | "message-catch"
  | "message-throw"
  | "pass"
  | "sub-process"
  | "call-activity"
  | "timer-boundary"
  | "message-boundary"
  | "error-boundary";

export interface Flow {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly title: Text;
  /** Absent: always taken (or the default flow of its gateway). */
  readonly condition?: CompiledExpression;
}

/** Who may do a task. `notBy`: whoever completed one of these elements in the same case may not do this one. */
export interface Performer {
  readonly duty: string;
  readonly notBy: readonly string[];
  /** How many different people must each complete it (行政许可法 §34: two for a site check). */
  readonly count: number;
}

export type PeriodUnit = "working-day" | "day" | "month" | "year";

/** A period whose amount is FEEL over the case's variables: `10`, or `decisionDays`. */
export interface PeriodRule {
  readonly unit: PeriodUnit;
  readonly amount: CompiledExpression;
  readonly article: string;
}

/** When a timer fires: after an ISO 8601 duration, at an instant or date, or when the last day of a period has passed. */
export type TimerRule =
  | { readonly kind: "duration"; readonly value: CompiledExpression }
  | { readonly kind: "date"; readonly value: CompiledExpression }
  | { readonly kind: "period"; readonly period: PeriodRule };

/** Until when a task is due: a period of its own, or the end of a running clock. */
export type DueRule =
  | { readonly kind: "period"; readonly period: PeriodRule }
  | { readonly kind: "clock"; readonly clock: string };

/**
 * A statutory clock. It starts when a token leaves one of `starts` (an element or a sequence flow), stops when one leaves
 * `stops`, and does not count the days while a token rests in one of `pauses` (行政许可法 §45).
 */
export interface ClockRule {
  readonly id: string;
  readonly title: Text;
  readonly unit: PeriodUnit;
  readonly amount: CompiledExpression;
  /** The shorter limit that the authority promises (承诺时限). */
  readonly promised?: CompiledExpression;
  readonly article: string;
  /** FEEL that gives the day from which it runs, ISO 8601, where that is not the day on which it is started (行政许可法 §32). */
  readonly since?: CompiledExpression;
  /** The article by which the days of `pauses` are not counted. */
  readonly pauseArticle: string;
  readonly starts: readonly string[];
  readonly stops: readonly string[];
  readonly pauses: readonly string[];
}

export interface Element {
  readonly id: string;
  readonly kind: ElementKind;
  readonly title: Text;
  /** The process or embedded sub-process that holds it. */
  readonly holder: string;
  readonly incoming: readonly string[];
  readonly outgoing: readonly Flow[];
  readonly defaultFlow?: string;
  readonly performer?: Performer;
  readonly due?: DueRule;
  /** Parallel instances of a user task: how many, FEEL. */
  readonly instances?: CompiledExpression;
  /** A service task's slot, which the item binds to an operation. */
  readonly slot?: string;
  /** The kind of notice that goes out when a token leaves this element. */
  readonly notice?: string;
  readonly message?: string;
  readonly timer?: TimerRule;
  /** error-end: what it throws; error-boundary: what it catches, absent for any. */
  readonly errorCode?: string;
  /** Boundary events on this activity. */
  readonly boundaries: readonly string[];
  /** Of a boundary event: its activity. */
  readonly attachedTo?: string;
  /** Of a boundary event: whether it ends its activity. */
  readonly interrupting?: boolean;
  /** sub-process: its own id; call-activity: the called process. */
  readonly calls?: string;
}

/** Where an element or flow stands in the drawing, in pixels. */
export interface Shape {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Drawing {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly edges: ReadonlyMap<string, readonly { readonly x: number; readonly y: number }[]>;
}

/** A compiled BPMN file: frozen, the same for every case that is pinned to its digest. */
export interface Procedure {
  /** SHA-256 over the source, in hexadecimal. */
  readonly digest: string;
  /** The id of the process with which a case begins. */
  readonly id: string;
  readonly title: Text;
  readonly sources: readonly string[];
  readonly elements: ReadonlyMap<string, Element>;
  readonly flows: ReadonlyMap<string, Flow>;
  /** Start event of each process and sub-process, by its id. */
  readonly starts: ReadonlyMap<string, string>;
  readonly clocks: readonly ClockRule[];
  readonly drawing: Drawing;
}

// ---------------------------------------------------------------------------------------------------------------------
// The state of one case, as plain rows, and what moves it.

/** `running` until no token is left; then how it ended: `terminated` from outside, `failed` by an error that nothing caught. */
export type CaseStatus = "running" | "completed" | "terminated" | "failed";

/**
 * A place where the case rests. Ids count up within the case. A token on a sub-process or call activity is the scope of
 * the tokens inside, whose `scope` is its id; 0 is the case itself.
 */
export interface Token {
  readonly id: number;
  readonly scope: number;
  readonly element: string;
  /** Of a token that waits at a parallel join: the flow by which it came. */
  readonly via?: string;
}

export type WaitKind = "task" | "service" | "timer" | "message";

/** What a token waits for: one task, answer, timer or message. Its id is the task's, timer's or subscription's id. */
export interface Wait {
  readonly id: number;
  readonly token: number;
  /** The user task, service task, catching event, or the boundary event on the token's activity. */
  readonly element: string;
  readonly kind: WaitKind;
}

export interface CaseState {
  readonly status: CaseStatus;
  /** Error code, or id of the end event that ended the case. */
  readonly outcome?: string;
  readonly nextId: number;
  readonly tokens: readonly Token[];
  readonly waits: readonly Wait[];
  readonly variables: Variables;
}

export type ProcedureEvent =
  | { readonly type: "start"; readonly variables: Variables }
  | { readonly type: "task-completed"; readonly wait: number; readonly variables: Variables }
  | { readonly type: "service-done"; readonly wait: number; readonly variables: Variables }
  | {
      readonly type: "service-failed";
      readonly wait: number;
      readonly errorCode: string;
      readonly variables: Variables;
    }
  | { readonly type: "timer-fired"; readonly wait: number }
  | { readonly type: "message-delivered"; readonly wait: number; readonly variables: Variables }
  /** Ended from outside, such as by withdrawal of the application (撤回申请). */
  | { readonly type: "cancelled"; readonly outcome: string; readonly variables?: Variables };

/** When a timer fires, its FEEL already evaluated. */
export type TimerDue =
  | { readonly kind: "duration"; readonly value: string }
  | { readonly kind: "date"; readonly value: string }
  | { readonly kind: "period"; readonly unit: PeriodUnit; readonly amount: number; readonly article: string };

export type Effect =
  | { readonly type: "task-opened"; readonly wait: Wait; readonly instance: number; readonly due?: TaskDue }
  /** `cancelled`: interrupted by a boundary event, a terminate end or the end of the case. */
  | { readonly type: "task-closed"; readonly wait: Wait; readonly cancelled: boolean }
  | { readonly type: "service-requested"; readonly wait: Wait; readonly slot: string }
  | { readonly type: "service-cancelled"; readonly wait: Wait }
  | { readonly type: "timer-set"; readonly wait: Wait; readonly due: TimerDue }
  | { readonly type: "timer-cancelled"; readonly wait: Wait }
  | { readonly type: "message-awaited"; readonly wait: Wait; readonly message: string }
  | { readonly type: "message-cancelled"; readonly wait: Wait }
  | { readonly type: "message-thrown"; readonly element: string; readonly message: string }
  | { readonly type: "notice"; readonly element: string; readonly kind: string }
  | ClockEffect
  | { readonly type: "ended"; readonly status: Exclude<CaseStatus, "running">; readonly outcome: string };

export type TaskDue =
  | { readonly kind: "period"; readonly unit: PeriodUnit; readonly amount: number; readonly article: string }
  | { readonly kind: "clock"; readonly clock: string };

export type ClockEffect =
  | {
      readonly type: "clock-started";
      readonly clock: string;
      readonly unit: PeriodUnit;
      readonly amount: number;
      readonly promised?: number;
      readonly article: string;
      /** The day from which it runs, where it is not today. */
      readonly since?: string;
    }
  | { readonly type: "clock-stopped"; readonly clock: string }
  | { readonly type: "clock-paused"; readonly clock: string; readonly element: string }
  | { readonly type: "clock-resumed"; readonly clock: string; readonly element: string };

export interface Advance {
  readonly state: CaseState;
  readonly effects: readonly Effect[];
}
