import { assert, Fault } from "../errors/fault.ts";
import { CASE_TOKENS_MAX } from "./limits.ts";
import { clockStart, timerDue } from "./rule-values.ts";
import type { CaseState, Effect, Element, Flow, Procedure, Token, Variables, Wait, WaitKind } from "./types.ts";
import "./faults.ts";

/** A token on its way: into an element, by a flow or none. */
export interface Arrival {
  readonly element: string;
  readonly scope: number;
  readonly via?: string;
}

/** Where the tokens of a case are while a step moves them, what they wait for, and what has come of it so far. */
export class Marking {
  readonly procedure: Procedure;
  readonly tokens: Map<number, Token>;
  readonly waits: Map<number, Wait>;
  readonly effects: Effect[] = [];
  readonly arrivals: Arrival[] = [];
  variables: Variables;
  nextId: number;

  constructor(procedure: Procedure, state: CaseState) {
    this.procedure = procedure;
    this.tokens = new Map(state.tokens.map((token) => [token.id, token]));
    this.waits = new Map(state.waits.map((wait) => [wait.id, wait]));
    this.variables = state.variables;
    this.nextId = state.nextId;
  }

  waitOf(id: number, kind: WaitKind): Wait {
    const wait = this.waits.get(id);
    if (wait?.kind !== kind) throw new Fault("ERR_PROCEDURE_WAIT", { message: `no ${kind} ${id}` });
    return wait;
  }

  place(element: Element, scope: number, via?: string): Token {
    if (this.tokens.size >= CASE_TOKENS_MAX) throw new Fault("ERR_PROCEDURE_LIMIT", { message: "too many tokens" });
    const token: Token = { id: this.nextId++, scope, element: element.id, ...(via === undefined ? {} : { via }) };
    this.tokens.set(token.id, token);
    if (via !== undefined) return token;
    for (const clock of this.procedure.clocks) {
      if (clock.pauses.includes(element.id)) {
        this.effects.push({ type: "clock-paused", clock: clock.id, element: element.id });
      }
    }
    for (const boundary of element.boundaries) this.listen(token, this.element(boundary));
    return token;
  }

  await(token: Token, element: Element, kind: WaitKind): Wait {
    const wait: Wait = { id: this.nextId++, token: token.id, element: element.id, kind };
    this.waits.set(wait.id, wait);
    return wait;
  }

  /** Sets the timer or awaits the message of a catching or boundary event; an error boundary waits for nothing. */
  listen(token: Token, element: Element): void {
    if (element.timer !== undefined) {
      const due = timerDue(element.timer, element.id, this.variables);
      this.effects.push({ type: "timer-set", wait: this.await(token, element, "timer"), due });
    } else if (element.message !== undefined) {
      const wait = this.await(token, element, "message");
      this.effects.push({ type: "message-awaited", wait, message: element.message });
    }
  }

  /** Takes a token off the element where it rested, and on. */
  depart(token: Token, element: Element): void {
    this.remove(token);
    this.leave(element, token.scope);
  }

  leave(element: Element, scope: number): void {
    if (element.notice !== undefined) this.effects.push({ type: "notice", element: element.id, kind: element.notice });
    this.moveClocks(element.id);
    for (const flow of element.outgoing) this.follow(flow, scope);
  }

  follow(flow: Flow, scope: number): void {
    this.moveClocks(flow.id);
    this.arrivals.push({ element: flow.target, scope, via: flow.id });
  }

  removeInside(scope: number): void {
    for (const token of [...this.tokens.values()]) if (token.scope === scope) this.remove(token);
    const kept = this.arrivals.filter((arrival) => arrival.scope !== scope);
    this.arrivals.splice(0, this.arrivals.length, ...kept);
  }

  /** Takes a token away with all that is inside it, and cancels what they wait for. */
  remove(token: Token): void {
    const element = this.element(token.element);
    if (element.calls !== undefined) this.removeInside(token.id);
    for (const wait of [...this.waits.values()]) {
      if (wait.token !== token.id) continue;
      this.waits.delete(wait.id);
      this.effects.push(cancellation(wait));
    }
    this.tokens.delete(token.id);
    if (token.via !== undefined) return;
    for (const clock of this.procedure.clocks) {
      if (clock.pauses.includes(element.id)) {
        this.effects.push({ type: "clock-resumed", clock: clock.id, element: element.id });
      }
    }
  }

  moveClocks(left: string): void {
    for (const clock of this.procedure.clocks) {
      if (clock.starts.includes(left)) this.effects.push(clockStart(clock, this.variables));
      if (clock.stops.includes(left)) this.effects.push({ type: "clock-stopped", clock: clock.id });
    }
  }

  throwMessage(element: Element): void {
    const { message } = element;
    if (message !== undefined && message !== element.notice) {
      this.effects.push({ type: "message-thrown", element: element.id, message });
    }
  }

  startOf(holder: string): string {
    const start = this.procedure.starts.get(holder);
    assert(start !== undefined, `${holder} has a start event`);
    return start;
  }

  element(id: string): Element {
    const element = this.procedure.elements.get(id);
    assert(element !== undefined, `the procedure has an element ${id}`);
    return element;
  }

  tokenOf(id: number): Token {
    const token = this.tokens.get(id);
    assert(token !== undefined, `the case has a token ${id}`);
    return token;
  }

  depthOf(token: Token): number {
    let depth = 0;
    for (let at: Token | undefined = token; at !== undefined; at = this.tokens.get(at.scope)) depth++;
    return depth;
  }
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
