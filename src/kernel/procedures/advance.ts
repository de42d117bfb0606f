import { holds } from "#lib/feel/expression";
import { assert, Fault } from "../errors/fault.ts";
import { ADVANCE_STEPS_MAX, CASE_TOKENS_MAX, SCOPE_DEPTH_MAX, TASK_INSTANCES_MAX } from "./limits.ts";
import { clockStart, taskDue, timerDue, wholeNumber } from "./rule-values.ts";
import type {
  Advance,
  CaseState,
  CaseStatus,
  Effect,
  Element,
  Flow,
  Json,
  Procedure,
  ProcedureEvent,
  Token,
  Variables,
  Wait,
  WaitKind,
} from "./types.ts";
import "./faults.ts";

/** The case itself, as the scope of its outermost tokens. */
export const CASE_SCOPE = 0;

/** A case before its start. */
export const INITIAL_STATE: CaseState = Object.freeze({
  status: "running",
  nextId: 1,
  tokens: Object.freeze([]),
  waits: Object.freeze([]),
  variables: Object.freeze({}),
});

/**
 * Moves a case on by one event, until it rests again. Pure: the same state and event give the same result, nothing is changed.
 * @throws Fault when the event fits nothing that the case waits for, or the diagram leaves no way on
 */
export function advance(procedure: Procedure, state: CaseState, event: ProcedureEvent): Advance {
  if (state.status !== "running") throw new Fault("ERR_PROCEDURE_WAIT", { message: `the case is ${state.status}` });
  const step = new Step(procedure, state);
  step.take(event);
  step.run();
  return step.result();
}

/** A token on its way: into an element, by a flow or none. */
interface Arrival {
  readonly element: string;
  readonly scope: number;
  readonly via?: string;
}

class Step {
  readonly #procedure: Procedure;
  readonly #tokens: Map<number, Token>;
  readonly #waits: Map<number, Wait>;
  readonly #effects: Effect[] = [];
  readonly #arrivals: Arrival[] = [];
  #variables: Variables;
  #nextId: number;
  #status: CaseStatus = "running";
  #outcome: string | undefined;
  #steps = 0;

  constructor(procedure: Procedure, state: CaseState) {
    this.#procedure = procedure;
    this.#tokens = new Map(state.tokens.map((token) => [token.id, token]));
    this.#waits = new Map(state.waits.map((wait) => [wait.id, wait]));
    this.#variables = state.variables;
    this.#nextId = state.nextId;
    this.#outcome = state.outcome;
  }

  result(): Advance {
    const state: CaseState = {
      status: this.#status,
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
      nextId: this.#nextId,
      tokens: [...this.#tokens.values()],
      waits: [...this.#waits.values()],
      variables: this.#variables,
    };
    return { state, effects: this.#effects };
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Events

  take(event: ProcedureEvent): void {
    if ("variables" in event && event.variables !== undefined) {
      this.#variables = { ...this.#variables, ...event.variables };
    }
    switch (event.type) {
      case "start":
        assert(this.#tokens.size === 0 && this.#nextId === 1, "a case starts once");
        this.#arrivals.push({ element: this.#startOf(this.#procedure.id), scope: CASE_SCOPE });
        return;
      case "task-completed":
        this.#taskCompleted(this.#waitOf(event.wait, "task"), event.variables);
        return;
      case "service-done":
        this.#finishActivity(this.#waitOf(event.wait, "service"));
        return;
      case "service-failed": {
        const wait = this.#waitOf(event.wait, "service");
        this.#waits.delete(wait.id);
        this.#throwError(event.errorCode, this.#tokenOf(wait.token));
        return;
      }
      case "timer-fired":
        this.#caught(this.#waitOf(event.wait, "timer"));
        return;
      case "message-delivered":
        this.#caught(this.#waitOf(event.wait, "message"));
        return;
      case "cancelled":
        this.#end("terminated", event.outcome);
        return;
    }
  }

  #waitOf(id: number, kind: WaitKind): Wait {
    const wait = this.#waits.get(id);
    if (wait?.kind !== kind) throw new Fault("ERR_PROCEDURE_WAIT", { message: `no ${kind} ${id}` });
    return wait;
  }

  #taskCompleted(wait: Wait, variables: Variables): void {
    const element = this.#element(wait.element);
    if (isCollective(element)) this.#collectOutcome(element.id, variables["outcome"] ?? null);
    this.#waits.delete(wait.id);
    this.#effects.push({ type: "task-closed", wait, cancelled: false });
    const others = [...this.#waits.values()].some((other) => other.token === wait.token && other.kind === "task");
    if (!others) this.#depart(this.#tokenOf(wait.token), element);
  }

  /** What each of several people decided, for conditions: `every o in outcomes.siteCheck satisfies o = "passed"`. */
  #collectOutcome(element: string, outcome: Json): void {
    const all = outcomesOf(this.#variables);
    this.#variables = { ...this.#variables, outcomes: { ...all, [element]: [...(all[element] ?? []), outcome] } };
  }

  #finishActivity(wait: Wait): void {
    this.#waits.delete(wait.id);
    this.#depart(this.#tokenOf(wait.token), this.#element(wait.element));
  }

  /** A timer fired or a message came: for a catching event, a branch of an event gateway, or a boundary. */
  #caught(wait: Wait): void {
    const token = this.#tokenOf(wait.token);
    const element = this.#element(wait.element);
    if (element.attachedTo === undefined) {
      this.#waits.delete(wait.id);
      this.#depart(token, element);
      return;
    }
    if (element.interrupting === true) {
      this.#waits.delete(wait.id);
      this.#remove(token);
    } else if (wait.kind === "timer") {
      this.#waits.delete(wait.id);
    }
    this.#leave(element, token.scope);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Moving on

  run(): void {
    do {
      for (let arrival = this.#arrivals.shift(); arrival !== undefined; arrival = this.#arrivals.shift()) {
        if (++this.#steps > ADVANCE_STEPS_MAX) {
          throw new Fault("ERR_PROCEDURE_LIMIT", { message: `a loop without a wait at ${arrival.element}` });
        }
        this.#arrive(arrival);
      }
    } while (this.#closeScopes());
    if (this.#status !== "running") return;
    if (this.#tokens.size === 0) this.#end("completed", this.#outcome ?? "");
    else this.#refuseStuck();
  }

  #arrive({ element: id, scope, via }: Arrival): void {
    const element = this.#element(id);
    switch (element.kind) {
      case "end":
        if (element.message !== undefined) this.#throwMessage(element);
        if (scope === CASE_SCOPE) this.#outcome = element.id;
        this.#leave(element, scope);
        return;
      case "terminate-end":
        this.#leave(element, scope);
        if (scope === CASE_SCOPE) {
          this.#end("completed", element.id);
          return;
        }
        this.#removeInside(scope);
        return;
      case "error-end":
        this.#throwError(element.errorCode ?? "", this.#tokens.get(scope));
        return;
      case "send-task":
      case "message-throw":
        this.#throwMessage(element);
        this.#leave(element, scope);
        return;
      case "exclusive-gateway":
        this.#follow(this.#choose(element), scope);
        return;
      case "parallel-gateway":
        this.#joinAndFork(element, scope, via);
        return;
      case "start":
      case "pass":
        this.#leave(element, scope);
        return;
      default:
        this.#rest(element, scope);
        return;
    }
  }

  /** Puts a token onto an element where it waits. */
  #rest(element: Element, scope: number): void {
    const token = this.#place(element, scope);
    switch (element.kind) {
      case "user-task":
        this.#openTasks(element, token);
        return;
      case "service-task": {
        const wait = this.#await(token, element, "service");
        this.#effects.push({ type: "service-requested", wait, slot: element.slot ?? "" });
        return;
      }
      case "event-gateway":
        for (const flow of element.outgoing) this.#listen(token, this.#element(flow.target));
        return;
      case "sub-process":
      case "call-activity":
        if (this.#depthOf(token) > SCOPE_DEPTH_MAX) {
          throw new Fault("ERR_PROCEDURE_LIMIT", { message: `${element.id} is called too deep` });
        }
        this.#arrivals.push({ element: this.#startOf(element.calls ?? ""), scope: token.id });
        return;
      default:
        this.#listen(token, element);
        return;
    }
  }

  #place(element: Element, scope: number, via?: string): Token {
    if (this.#tokens.size >= CASE_TOKENS_MAX) throw new Fault("ERR_PROCEDURE_LIMIT", { message: "too many tokens" });
    const token: Token = { id: this.#nextId++, scope, element: element.id, ...(via === undefined ? {} : { via }) };
    this.#tokens.set(token.id, token);
    if (via !== undefined) return token;
    for (const clock of this.#procedure.clocks) {
      if (clock.pauses.includes(element.id)) {
        this.#effects.push({ type: "clock-paused", clock: clock.id, element: element.id });
      }
    }
    for (const boundary of element.boundaries) this.#listen(token, this.#element(boundary));
    return token;
  }

  #openTasks(element: Element, token: Token): void {
    const count =
      element.instances === undefined
        ? (element.performer?.count ?? 1)
        : wholeNumber(element.instances, { max: TASK_INSTANCES_MAX, where: element.id, variables: this.#variables });
    if (count === 0) {
      this.#depart(token, element);
      return;
    }
    if (isCollective(element)) {
      this.#variables = { ...this.#variables, outcomes: { ...outcomesOf(this.#variables), [element.id]: [] } };
    }
    const due = taskDue(element, this.#variables);
    for (let instance = 1; instance <= count; instance++) {
      const wait = this.#await(token, element, "task");
      this.#effects.push({ type: "task-opened", wait, instance, ...(due === undefined ? {} : { due }) });
    }
  }

  #await(token: Token, element: Element, kind: WaitKind): Wait {
    const wait: Wait = { id: this.#nextId++, token: token.id, element: element.id, kind };
    this.#waits.set(wait.id, wait);
    return wait;
  }

  /** Sets the timer or awaits the message of a catching or boundary event; an error boundary waits for nothing. */
  #listen(token: Token, element: Element): void {
    if (element.timer !== undefined) {
      const due = timerDue(element.timer, element.id, this.#variables);
      this.#effects.push({ type: "timer-set", wait: this.#await(token, element, "timer"), due });
    } else if (element.message !== undefined) {
      const wait = this.#await(token, element, "message");
      this.#effects.push({ type: "message-awaited", wait, message: element.message });
    }
  }

  /** Takes a token off the element where it rested, and on. */
  #depart(token: Token, element: Element): void {
    this.#remove(token);
    this.#leave(element, token.scope);
  }

  #leave(element: Element, scope: number): void {
    if (element.notice !== undefined) this.#effects.push({ type: "notice", element: element.id, kind: element.notice });
    this.#moveClocks(element.id);
    for (const flow of element.outgoing) this.#follow(flow, scope);
  }

  #follow(flow: Flow, scope: number): void {
    this.#moveClocks(flow.id);
    this.#arrivals.push({ element: flow.target, scope, via: flow.id });
  }

  #choose(element: Element): Flow {
    const { outgoing, defaultFlow } = element;
    const taken =
      outgoing.find(
        (flow) => flow.id !== defaultFlow && (flow.condition === undefined || holds(flow.condition, this.#variables)),
      ) ?? outgoing.find((flow) => flow.id === defaultFlow);
    if (taken === undefined) throw new Fault("ERR_PROCEDURE_NO_PATH", { message: `at ${element.id}` });
    this.#moveClocks(element.id);
    return taken;
  }

  #joinAndFork(element: Element, scope: number, via: string | undefined): void {
    if (element.incoming.length > 1) {
      this.#place(element, scope, via ?? "");
      const arrived = new Map<string, Token>();
      for (const token of this.#tokens.values()) {
        if (
          token.element === element.id &&
          token.scope === scope &&
          token.via !== undefined &&
          !arrived.has(token.via)
        ) {
          arrived.set(token.via, token);
        }
      }
      if (arrived.size < element.incoming.length) return;
      for (const token of arrived.values()) this.#tokens.delete(token.id);
    }
    this.#leave(element, scope);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Ends

  /** Lets sub-processes and calls go on in which no token is left. */
  #closeScopes(): boolean {
    if (this.#status !== "running") return false;
    const occupied = new Set<number>();
    for (const token of this.#tokens.values()) occupied.add(token.scope);
    let closed = false;
    for (const token of [...this.#tokens.values()]) {
      const element = this.#element(token.element);
      if (element.calls === undefined || occupied.has(token.id)) continue;
      this.#depart(token, element);
      closed = true;
    }
    return closed;
  }

  /** A token without a way on: all that is left in its scope waits at joins, and nothing else can arrive there. */
  #refuseStuck(): void {
    const waiting = new Map<number, string[]>();
    const moving = new Set<number>();
    for (const token of this.#tokens.values()) {
      if (token.via === undefined) moving.add(token.scope);
      else waiting.set(token.scope, [...(waiting.get(token.scope) ?? []), token.element]);
    }
    for (const [scope, joins] of waiting) {
      if (!moving.has(scope)) throw new Fault("ERR_PROCEDURE_STUCK", { message: `at ${joins.join(", ")}` });
    }
  }

  /** Finds the boundary that catches an error, from the activity where it arose outwards; uncaught, it fails the case. */
  #throwError(code: string, from: Token | undefined): void {
    for (let token = from; token !== undefined; token = this.#tokens.get(token.scope)) {
      const boundary = this.#errorBoundary(this.#element(token.element), code);
      if (boundary === undefined) continue;
      this.#remove(token);
      this.#leave(boundary, token.scope);
      return;
    }
    this.#end("failed", code);
  }

  #errorBoundary(element: Element, code: string): Element | undefined {
    const boundaries = element.boundaries
      .map((id) => this.#element(id))
      .filter(({ kind }) => kind === "error-boundary");
    return (
      boundaries.find(({ errorCode }) => errorCode === code) ??
      boundaries.find(({ errorCode }) => errorCode === undefined)
    );
  }

  #end(status: Exclude<CaseStatus, "running">, outcome: string): void {
    this.#removeInside(CASE_SCOPE);
    this.#arrivals.length = 0;
    this.#status = status;
    this.#outcome = outcome;
    this.#effects.push({ type: "ended", status, outcome });
  }

  #removeInside(scope: number): void {
    for (const token of [...this.#tokens.values()]) if (token.scope === scope) this.#remove(token);
    const kept = this.#arrivals.filter((arrival) => arrival.scope !== scope);
    this.#arrivals.splice(0, this.#arrivals.length, ...kept);
  }

  /** Takes a token away with all that is inside it, and cancels what they wait for. */
  #remove(token: Token): void {
    const element = this.#element(token.element);
    if (element.calls !== undefined) this.#removeInside(token.id);
    for (const wait of [...this.#waits.values()]) {
      if (wait.token !== token.id) continue;
      this.#waits.delete(wait.id);
      this.#effects.push(cancellation(wait));
    }
    this.#tokens.delete(token.id);
    if (token.via !== undefined) return;
    for (const clock of this.#procedure.clocks) {
      if (clock.pauses.includes(element.id)) {
        this.#effects.push({ type: "clock-resumed", clock: clock.id, element: element.id });
      }
    }
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Clocks, messages, values

  #moveClocks(left: string): void {
    for (const clock of this.#procedure.clocks) {
      if (clock.starts.includes(left)) this.#effects.push(clockStart(clock, this.#variables));
      if (clock.stops.includes(left)) this.#effects.push({ type: "clock-stopped", clock: clock.id });
    }
  }

  #throwMessage(element: Element): void {
    const { message } = element;
    if (message !== undefined && message !== element.notice) {
      this.#effects.push({ type: "message-thrown", element: element.id, message });
    }
  }

  #startOf(holder: string): string {
    const start = this.#procedure.starts.get(holder);
    assert(start !== undefined, `${holder} has a start event`);
    return start;
  }

  #element(id: string): Element {
    const element = this.#procedure.elements.get(id);
    assert(element !== undefined, `the procedure has an element ${id}`);
    return element;
  }

  #tokenOf(id: number): Token {
    const token = this.#tokens.get(id);
    assert(token !== undefined, `the case has a token ${id}`);
    return token;
  }

  #depthOf(token: Token): number {
    let depth = 0;
    for (let at: Token | undefined = token; at !== undefined; at = this.#tokens.get(at.scope)) depth++;
    return depth;
  }
}

function isCollective(element: Element): boolean {
  return element.instances !== undefined || (element.performer?.count ?? 1) > 1;
}

function outcomesOf(variables: Variables): Readonly<Record<string, readonly Json[]>> {
  const outcomes = variables["outcomes"];
  return typeof outcomes === "object" && outcomes !== null && !Array.isArray(outcomes)
    ? (outcomes as Readonly<Record<string, readonly Json[]>>)
    : {};
}

function cancellation(wait: Wait): Effect {
  switch (wait.kind) {
    case "task":
      return { type: "task-closed", wait, cancelled: true };
    case "service":
      return { type: "service-cancelled", wait };
    case "timer":
      return { type: "timer-cancelled", wait };
    case "message":
      return { type: "message-cancelled", wait };
  }
}
