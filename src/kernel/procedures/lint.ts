import type { CompiledExpression } from "#lib/feel/expression";
import { type Text, text } from "#lib/language/text";
import type { Element, Flow, Procedure, TimerRule } from "./types.ts";

/** Something in a diagram that runs, but not as its author can have meant it. */
export interface ProcedureProblem {
  readonly rule: ProcedureRule;
  /** The element, flow or clock. */
  readonly id: string;
  readonly text: Text;
}

export type ProcedureRule =
  | "unreachable"
  | "dead-end"
  | "no-way-out"
  | "no-default"
  | "shadowed-flow"
  | "unknown-variable"
  | "undeclared"
  | "clock-never-stops";

/** What a contract declares; a part that is left out is not compared. */
export interface ProcedureDeclarations {
  readonly variables?: Iterable<string>;
  /** Ids of user tasks. */
  readonly tasks?: Iterable<string>;
  readonly slots?: Iterable<string>;
  readonly notices?: Iterable<string>;
  /** Names of messages that it awaits, but answers of other rooms. */
  readonly messages?: Iterable<string>;
}

/** What the engine itself sets. */
const OWN_VARIABLES = ["outcome", "outcomes"];

/** Examines a compiled procedure and reports everything together. */
export function lintProcedure(procedure: Procedure, declared: ProcedureDeclarations = {}): readonly ProcedureProblem[] {
  const problems: ProcedureProblem[] = [];
  const say = (rule: ProcedureRule, id: string, words: Text) => problems.push({ rule, id, text: words });
  lintPaths(procedure, say);
  for (const element of procedure.elements.values()) if (element.kind === "exclusive-gateway") lintChoice(element, say);
  if (declared.variables !== undefined)
    lintVariables(procedure, new Set([...OWN_VARIABLES, ...declared.variables]), say);
  lintNames(procedure, declared, say);
  for (const clock of procedure.clocks) {
    if (clock.stops.length === 0) say("clock-never-stops", clock.id, text("期限没有终止点", "The clock never stops"));
  }
  return problems;
}

type Say = (rule: ProcedureRule, id: string, words: Text) => void;

const ENDS = new Set(["end", "terminate-end", "error-end"]);

function lintPaths(procedure: Procedure, say: Say): void {
  const { elements } = procedure;
  const reached = reachable([procedure.starts.get(procedure.id) ?? ""], (id) => nextOf(id, procedure));
  const sources = new Map<string, string[]>();
  for (const id of elements.keys()) {
    for (const next of nextOf(id, procedure)) sources.set(next, [...(sources.get(next) ?? []), id]);
  }
  const ends = [...elements.values()].filter(({ kind, outgoing }) => ENDS.has(kind) || outgoing.length === 0);
  const ending = reachable(
    ends.map(({ id }) => id),
    (id) => sources.get(id) ?? [],
  );
  for (const { id, kind, outgoing } of elements.values()) {
    if (!reached.has(id)) say("unreachable", id, text("没有路径到达这一环节", "No path leads to this element"));
    if (!ENDS.has(kind) && outgoing.length === 0) {
      say("dead-end", id, text("到此没有去向，也不是结束事件", "Nothing follows, and it is no end event"));
    }
    if (!ending.has(id)) say("no-way-out", id, text("从这里到不了任何结束", "No end can be reached from here"));
  }
}

/** Where a token may be next: along flows, into a sub-process or called process, and out by boundary events. */
function nextOf(id: string, procedure: Procedure): readonly string[] {
  const element = procedure.elements.get(id);
  if (element === undefined) return [];
  const inside = element.calls === undefined ? undefined : procedure.starts.get(element.calls);
  return [
    ...element.outgoing.map((flow) => flow.target),
    ...element.boundaries,
    ...(inside === undefined ? [] : [inside]),
  ];
}

function reachable(from: readonly string[], next: (id: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set(from);
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const target of next(id)) {
      if (seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return seen;
}

function lintChoice(element: Element, say: Say): void {
  const { id, outgoing, defaultFlow } = element;
  if (outgoing.length < 2) return;
  const isOpen = (flow: Flow) => flow.condition === undefined && flow.id !== defaultFlow;
  const firstOpen = outgoing.findIndex(isOpen);
  if (firstOpen < 0 && defaultFlow === undefined) {
    say(
      "no-default",
      id,
      text(
        "网关没有默认分支：条件都不成立时流程无路可走",
        "No default flow: where no condition holds, the case cannot go on",
      ),
    );
  }
  for (const flow of firstOpen < 0 ? [] : outgoing.slice(firstOpen + 1)) {
    say(
      "shadowed-flow",
      flow.id,
      text("前面的分支没有条件，这一分支永远不会走到", "An earlier flow has no condition, so this one is never taken"),
    );
  }
}

function lintVariables(procedure: Procedure, known: ReadonlySet<string>, say: Say): void {
  const look = (id: string, expression: CompiledExpression | undefined) => {
    for (const name of expression?.names ?? []) {
      if (!known.has(name))
        say("unknown-variable", id, text(`变量 ${name} 没有声明`, `The variable ${name} is not declared`));
    }
  };
  for (const flow of procedure.flows.values()) look(flow.id, flow.condition);
  for (const { id, instances, timer, due } of procedure.elements.values()) {
    look(id, instances);
    look(id, timer === undefined ? undefined : timerExpression(timer));
    look(id, due?.kind === "period" ? due.period.amount : undefined);
  }
  for (const clock of procedure.clocks)
    for (const rule of [clock.amount, clock.promised, clock.since]) look(clock.id, rule);
}

function timerExpression(timer: TimerRule): CompiledExpression {
  return timer.kind === "period" ? timer.period.amount : timer.value;
}

function lintNames(procedure: Procedure, declared: ProcedureDeclarations, say: Say): void {
  const compare = (names: Iterable<string> | undefined, of: (element: Element) => string | undefined, what: Text) => {
    if (names === undefined) return;
    const known = new Set(names);
    for (const element of procedure.elements.values()) {
      const name = of(element);
      if (name === undefined || known.has(name)) continue;
      say("undeclared", element.id, text(`${what.zh} ${name} 没有声明`, `The ${what.en} ${name} is not declared`));
    }
  };
  compare(declared.tasks, ({ kind, id }) => (kind === "user-task" ? id : undefined), text("任务", "task"));
  compare(declared.slots, ({ slot }) => slot, text("插槽", "slot"));
  compare(declared.notices, ({ notice }) => notice, text("文书", "notice"));
  const awaits = new Set(["message-catch", "message-boundary", "receive-task"]);
  // `register.issueLicence`: the answer of a command to another room, which that room's contract declares.
  const isSent = (message: string | undefined) => message?.includes(".") === false;
  compare(
    declared.messages,
    ({ kind, message }) => (awaits.has(kind) && isSent(message) ? message : undefined),
    text("消息", "message"),
  );
}
