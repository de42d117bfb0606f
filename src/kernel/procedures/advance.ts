import { holds } from "#lib/feel/expression";
import { assert, Fault } from "../errors/fault.ts";
import { ADVANCE_STEPS_MAX, SCOPE_DEPTH_MAX, TASK_INSTANCES_MAX } from "./limits.ts";
import { type Arrival, Marking } from "./marking.ts";
import { taskDue, wholeNumber } from "./rule-values.ts";
import type {
  Advance,
  CaseState,
  CaseStatus,
  Element,
  Flow,
  Json,
  Procedure,
  ProcedureEvent,
  Token,
  Variables,
  Wait,
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

class Step {
  readonly #marking: Marking;
  #status: CaseStatus = "running";
  #outcome: string | undefined;
  #steps = 0;

  constructor(procedure: Procedure, state: CaseState) {
    this.#marking = new Marking(procedure, state);
    this.#outcome = state.outcome;
  }

  result(): Advance {
    const state: CaseState = {
      status: this.#status,
      ...(this.#outcome === undefined ? {} : { outcome: this.#outcome }),
      nextId: this.#marking.nextId,
      tokens: [...this.#marking.tokens.values()],
      waits: [...this.#marking.waits.values()],
      variables: this.#marking.variables,
    };
    return { state, effects: this.#marking.effects };
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Events

  take(event: ProcedureEvent): void {
    if ("variables" in event && event.variables !== undefined) {
      this.#marking.variables = { ...this.#marking.variables, ...event.variables };
    }
    switch (event.type) {
      case "start":
        assert(this.#marking.tokens.size === 0 && this.#marking.nextId === 1, "a case starts once");
        this.#marking.arrivals.push({ element: this.#marking.startOf(this.#marking.procedure.id), scope: CASE_SCOPE });
        return;
      case "task-completed":
        this.#taskCompleted(this.#marking.waitOf(event.wait, "task"), event.variables);
        return;
      case "service-done":
        this.#finishActivity(this.#marking.waitOf(event.wait, "service"));
        return;
      case "service-failed": {
        const wait = this.#marking.waitOf(event.wait, "service");
        this.#marking.waits.delete(wait.id);
        this.#throwError(event.errorCode, this.#marking.tokenOf(wait.token));
        return;
      }
      case "timer-fired":
        this.#caught(this.#marking.waitOf(event.wait, "timer"));
        return;
      case "message-delivered":
        this.#caught(this.#marking.waitOf(event.wait, "message"));
        return;
      case "cancelled":
        this.#end("terminated", event.outcome);
        return;
    }
  }

  #taskCompleted(wait: Wait, variables: Variables): void {
    const element = this.#marking.element(wait.element);
    if (isCollective(element)) this.#collectOutcome(element.id, variables["outcome"] ?? null);
    this.#marking.waits.delete(wait.id);
    this.#marking.effects.push({ type: "task-closed", wait, cancelled: false });
    const others = [...this.#marking.waits.values()].some(
      (other) => other.token === wait.token && other.kind === "task",
    );
    if (!others) this.#marking.depart(this.#marking.tokenOf(wait.token), element);
  }

  /** What each of several people decided, for conditions: `every o in outcomes.siteCheck satisfies o = "passed"`. */
  #collectOutcome(element: string, outcome: Json): void {
    const all = outcomesOf(this.#marking.variables);
    this.#marking.variables = {
      ...this.#marking.variables,
      outcomes: { ...all, [element]: [...(all[element] ?? []), outcome] },
    };
  }

  #finishActivity(wait: Wait): void {
    this.#marking.waits.delete(wait.id);
    this.#marking.depart(this.#marking.tokenOf(wait.token), this.#marking.element(wait.element));
  }

  /** A timer fired or a message came: for a catching event, a branch of an event gateway, or a boundary. */
  #caught(wait: Wait): void {
    const token = this.#marking.tokenOf(wait.token);
    const element = this.#marking.element(wait.element);
    if (element.attachedTo === undefined) {
      this.#marking.waits.delete(wait.id);
      this.#marking.depart(token, element);
      return;
    }
    if (element.interrupting === true) {
      this.#marking.waits.delete(wait.id);
      this.#marking.remove(token);
    } else if (wait.kind === "timer") {
      this.#marking.waits.delete(wait.id);
    }
    this.#marking.leave(element, token.scope);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Moving on

  run(): void {
    do {
      for (
        let arrival = this.#marking.arrivals.shift();
        arrival !== undefined;
        arrival = this.#marking.arrivals.shift()
      ) {
        if (++this.#steps > ADVANCE_STEPS_MAX) {
          throw new Fault("ERR_PROCEDURE_LIMIT", { message: `a loop without a wait at ${arrival.element}` });
        }
        this.#arrive(arrival);
      }
    } while (this.#closeScopes());
    if (this.#status !== "running") return;
    if (this.#marking.tokens.size === 0) this.#end("completed", this.#outcome ?? "");
    else this.#refuseStuck();
  }

  #arrive({ element: id, scope, via }: Arrival): void {
    const element = this.#marking.element(id);
    switch (element.kind) {
      case "end":
        if (element.message !== undefined) this.#marking.throwMessage(element);
        if (scope === CASE_SCOPE) this.#outcome = element.id;
        this.#marking.leave(element, scope);
        return;
      case "terminate-end":
        this.#marking.leave(element, scope);
        if (scope === CASE_SCOPE) {
          this.#end("completed", element.id);
          return;
        }
        this.#marking.removeInside(scope);
        return;
      case "error-end":
        this.#throwError(element.errorCode ?? "", this.#marking.tokens.get(scope));
        return;
      case "send-task":
      case "message-throw":
        this.#marking.throwMessage(element);
        this.#marking.leave(element, scope);
        return;
      case "exclusive-gateway":
        this.#marking.follow(this.#choose(element), scope);
        return;
      case "parallel-gateway":
        this.#joinAndFork(element, scope, via);
        return;
      case "start":
      case "pass":
        this.#marking.leave(element, scope);
        return;
      default:
        this.#rest(element, scope);
        return;
    }
  }

  /** Puts a token onto an element where it waits. */
  #rest(element: Element, scope: number): void {
    const token = this.#marking.place(element, scope);
    switch (element.kind) {
      case "user-task":
        this.#openTasks(element, token);
        return;
      case "service-task": {
        const wait = this.#marking.await(token, element, "service");
        this.#marking.effects.push({ type: "service-requested", wait, slot: element.slot ?? "" });
        return;
      }
      case "event-gateway":
        for (const flow of element.outgoing) this.#marking.listen(token, this.#marking.element(flow.target));
        return;
      case "sub-process":
      case "call-activity":
        if (this.#marking.depthOf(token) > SCOPE_DEPTH_MAX) {
          throw new Fault("ERR_PROCEDURE_LIMIT", { message: `${element.id} is called too deep` });
        }
        this.#marking.arrivals.push({ element: this.#marking.startOf(element.calls ?? ""), scope: token.id });
        return;
      default:
        this.#marking.listen(token, element);
        return;
    }
  }

  #openTasks(element: Element, token: Token): void {
    const count =
      element.instances === undefined
        ? (element.performer?.count ?? 1)
        : wholeNumber(element.instances, {
            max: TASK_INSTANCES_MAX,
            where: element.id,
            variables: this.#marking.variables,
          });
    if (count === 0) {
      this.#marking.depart(token, element);
      return;
    }
    if (isCollective(element)) {
      this.#marking.variables = {
        ...this.#marking.variables,
        outcomes: { ...outcomesOf(this.#marking.variables), [element.id]: [] },
      };
    }
    const due = taskDue(element, this.#marking.variables);
    for (let instance = 1; instance <= count; instance++) {
      const wait = this.#marking.await(token, element, "task");
      this.#marking.effects.push({ type: "task-opened", wait, instance, ...(due === undefined ? {} : { due }) });
    }
  }

  #choose(element: Element): Flow {
    const { outgoing, defaultFlow } = element;
    const taken =
      outgoing.find(
        (flow) =>
          flow.id !== defaultFlow && (flow.condition === undefined || holds(flow.condition, this.#marking.variables)),
      ) ?? outgoing.find((flow) => flow.id === defaultFlow);
    if (taken === undefined) throw new Fault("ERR_PROCEDURE_NO_PATH", { message: `at ${element.id}` });
    this.#marking.moveClocks(element.id);
    return taken;
  }

  #joinAndFork(element: Element, scope: number, via: string | undefined): void {
    if (element.incoming.length > 1) {
      this.#marking.place(element, scope, via ?? "");
      const arrived = new Map<string, Token>();
      for (const token of this.#marking.tokens.values()) {
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
      for (const token of arrived.values()) this.#marking.tokens.delete(token.id);
    }
    this.#marking.leave(element, scope);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Ends

  /** Lets sub-processes and calls go on in which no token is left. */
  #closeScopes(): boolean {
    if (this.#status !== "running") return false;
    const occupied = new Set<number>();
    for (const token of this.#marking.tokens.values()) occupied.add(token.scope);
    let closed = false;
    for (const token of [...this.#marking.tokens.values()]) {
      const element = this.#marking.element(token.element);
      if (element.calls === undefined || occupied.has(token.id)) continue;
      this.#marking.depart(token, element);
      closed = true;
    }
    return closed;
  }

  /** A token without a way on: all that is left in its scope waits at joins, and nothing else can arrive there. */
  #refuseStuck(): void {
    const waiting = new Map<number, string[]>();
    const moving = new Set<number>();
    for (const token of this.#marking.tokens.values()) {
      if (token.via === undefined) moving.add(token.scope);
      else waiting.set(token.scope, [...(waiting.get(token.scope) ?? []), token.element]);
    }
    for (const [scope, joins] of waiting) {
      if (!moving.has(scope)) throw new Fault("ERR_PROCEDURE_STUCK", { message: `at ${joins.join(", ")}` });
    }
  }

  /** Finds the boundary that catches an error, from the activity where it arose outwards; uncaught, it fails the case. */
  #throwError(code: string, from: Token | undefined): void {
    for (let token = from; token !== undefined; token = this.#marking.tokens.get(token.scope)) {
      const boundary = this.#errorBoundary(this.#marking.element(token.element), code);
      if (boundary === undefined) continue;
      this.#marking.remove(token);
      this.#marking.leave(boundary, token.scope);
      return;
    }
    this.#end("failed", code);
  }

  #errorBoundary(element: Element, code: string): Element | undefined {
    const boundaries = element.boundaries
      .map((id) => this.#marking.element(id))
      .filter(({ kind }) => kind === "error-boundary");
    return (
      boundaries.find(({ errorCode }) => errorCode === code) ??
      boundaries.find(({ errorCode }) => errorCode === undefined)
    );
  }

  #end(status: Exclude<CaseStatus, "running">, outcome: string): void {
    this.#marking.removeInside(CASE_SCOPE);
    this.#marking.arrivals.length = 0;
    this.#status = status;
    this.#outcome = outcome;
    this.#marking.effects.push({ type: "ended", status, outcome });
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
