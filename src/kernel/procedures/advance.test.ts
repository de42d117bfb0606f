import assert from "node:assert/strict";
import { test } from "node:test";
import { advance, INITIAL_STATE } from "./advance.ts";
import { compileProcedure } from "./compile.ts";
import {
  diagram,
  extend,
  file,
  flow,
  line,
  messageEvent,
  node,
  process,
  service,
  task,
  timerEvent,
} from "./testing.ts";
import type { CaseState, Effect, Procedure, ProcedureEvent, Variables } from "./types.ts";

/** Walks a case, naming waits by their elements. */
class Walk {
  readonly procedure: Procedure;
  state: CaseState = INITIAL_STATE;
  effects: readonly Effect[] = [];

  constructor(procedure: Procedure) {
    this.procedure = procedure;
  }
  static async start(source: string, variables: Variables = {}): Promise<Walk> {
    const walk = new Walk(await compileProcedure(source));
    walk.send({ type: "start", variables });
    return walk;
  }
  send(event: ProcedureEvent): readonly string[] {
    const { state, effects } = advance(this.procedure, this.state, event);
    this.state = state;
    this.effects = effects;
    return this.waiting();
  }
  waiting(): readonly string[] {
    return this.state.waits.map((wait) => wait.element).sort();
  }
  wait(element: string): number {
    const wait = this.state.waits.find((each) => each.element === element);
    assert.ok(wait, `waits for ${element}, not only ${this.waiting().join(", ")}`);
    return wait.id;
  }
  done(element: string, variables: Variables = {}): readonly string[] {
    return this.send({ type: "task-completed", wait: this.wait(element), variables });
  }
  fire(element: string): readonly string[] {
    return this.send({ type: "timer-fired", wait: this.wait(element) });
  }
  tell(element: string, variables: Variables = {}): readonly string[] {
    return this.send({ type: "message-delivered", wait: this.wait(element), variables });
  }
  saw(type: Effect["type"]): readonly Effect[] {
    return this.effects.filter((effect) => effect.type === type);
  }
}

test("tasks follow one another; the end is named", async () => {
  const walk = await Walk.start(diagram(line(["a", task("a")], ["b", task("b")])));
  assert.deepEqual(walk.waiting(), ["a"]);
  assert.deepEqual(walk.done("a"), ["b"]);
  assert.deepEqual(walk.done("b"), []);
  assert.deepEqual([walk.state.status, walk.state.outcome, walk.state.tokens], ["completed", "end", []]);
  assert.throws(() => walk.send({ type: "task-completed", wait: 1, variables: {} }), { code: "ERR_PROCEDURE_WAIT" });
});

test("an exclusive gateway takes the first true flow, else the default, else stops with a fault", async () => {
  const source = (attributes: string) =>
    diagram(
      node("startEvent", "s"),
      task("t"),
      node("exclusiveGateway", "g", "", attributes),
      task("yes"),
      task("no"),
      node("endEvent", "e"),
      flow("s", "t"),
      flow("t", "g"),
      flow("g", "yes", 'outcome = "accepted"'),
      flow("g", "no", attributes === "" ? 'outcome = "refused"' : undefined),
      flow("yes", "e"),
      flow("no", "e"),
    );
  const walk = await Walk.start(source('default="g-no"'));
  assert.deepEqual(walk.done("t", { outcome: "accepted" }), ["yes"]);
  const other = await Walk.start(source('default="g-no"'));
  assert.deepEqual(other.done("t", { outcome: "?" }), ["no"]);
  const lost = await Walk.start(source(""));
  assert.throws(() => lost.done("t", { outcome: "?" }), { code: "ERR_PROCEDURE_NO_PATH" });
  assert.deepEqual(lost.waiting(), ["t"], "nothing was changed");
});

const FORK = diagram(
  node("startEvent", "s"),
  node("parallelGateway", "fork"),
  task("a"),
  task("b"),
  node("parallelGateway", "join"),
  task("after"),
  node("endEvent", "e"),
  flow("s", "fork"),
  flow("fork", "a"),
  flow("fork", "b"),
  flow("a", "join"),
  flow("b", "join"),
  flow("join", "after"),
  flow("after", "e"),
);

test("a parallel join waits for every branch", async () => {
  const walk = await Walk.start(FORK);
  assert.deepEqual(walk.waiting(), ["a", "b"]);
  assert.deepEqual(walk.done("b"), ["a"]);
  assert.deepEqual(walk.done("a"), ["after"]);
  assert.deepEqual(walk.done("after"), []);
  assert.equal(walk.state.status, "completed");
});

test("a join that can never be complete is a fault, not a silence", async () => {
  const walk = await Walk.start(
    diagram(
      node("startEvent", "s"),
      node("exclusiveGateway", "g"),
      task("a"),
      task("b"),
      node("parallelGateway", "join"),
      node("endEvent", "e"),
      flow("s", "g"),
      flow("g", "a", "x = 1"),
      flow("g", "b", "x != 1"),
      flow("a", "join"),
      flow("b", "join"),
      flow("join", "e"),
    ),
    { x: 1 },
  );
  assert.throws(() => walk.done("a"), { code: "ERR_PROCEDURE_STUCK" });
});

test("several people do one task: instances, and what each decided", async () => {
  const walk = await Walk.start(
    diagram(
      node("startEvent", "s"),
      task("check", { performer: 'duty="licensing.inspect" count="2"' }),
      node("exclusiveGateway", "g", "", 'default="g-again"'),
      node("endEvent", "passed"),
      flow("s", "check"),
      flow("check", "g"),
      flow("g", "passed", 'every o in outcomes.check satisfies o = "passed"'),
      flow("g", "check", undefined, "g-again"),
    ),
  );
  assert.deepEqual(walk.waiting(), ["check", "check"]);
  walk.done("check", { outcome: "passed" });
  assert.deepEqual(walk.done("check", { outcome: "failed" }), ["check", "check"], "a second round");
  walk.done("check", { outcome: "passed" });
  walk.done("check", { outcome: "passed" });
  assert.deepEqual([walk.state.status, walk.state.outcome], ["completed", "passed"]);
});

test("parallel instances by a FEEL cardinality, also none", async () => {
  const source = diagram(line(["opinion", task("opinion", { loop: "count(bodies)" })]));
  const walk = await Walk.start(source, { bodies: ["fire", "health", "environment"] });
  assert.equal(walk.waiting().length, 3);
  for (let at = 0; at < 3; at++) walk.done("opinion");
  assert.equal(walk.state.status, "completed");
  assert.equal((await Walk.start(source, { bodies: [] })).state.status, "completed");
  await assert.rejects(Walk.start(source, {}), { code: "ERR_PROCEDURE_VALUE" });
});

const BOUNDARIES = diagram(
  line(["work", task("work")]),
  node("boundaryEvent", "late", timerEvent("P5D"), 'attachedToRef="work"'),
  node("boundaryEvent", "remind", timerEvent("P3D"), 'attachedToRef="work" cancelActivity="false"'),
  node("boundaryEvent", "withdrawn", messageEvent("withdraw"), 'attachedToRef="work"'),
  node("sendTask", "reminder", extend('<zt:notice kind="reminder"/>')),
  node("endEvent", "reminded"),
  node("endEvent", "lapsed"),
  node("endEvent", "gone"),
  flow("remind", "reminder"),
  flow("reminder", "reminded"),
  flow("late", "lapsed"),
  flow("withdrawn", "gone"),
);

test("boundary timers and messages, interrupting or not", async () => {
  const walk = await Walk.start(BOUNDARIES);
  assert.deepEqual(walk.waiting(), ["late", "remind", "withdrawn", "work"]);
  assert.deepEqual(walk.fire("remind"), ["late", "withdrawn", "work"]);
  assert.deepEqual(walk.saw("notice"), [{ type: "notice", element: "reminder", kind: "reminder" }]);
  walk.fire("late");
  assert.deepEqual([walk.state.status, walk.state.outcome], ["completed", "lapsed"]);
  assert.equal(walk.saw("task-closed").length, 1);
  assert.equal(walk.saw("message-cancelled").length, 1);
  const other = await Walk.start(BOUNDARIES);
  other.tell("withdrawn");
  assert.equal(other.state.outcome, "gone");
  const third = await Walk.start(BOUNDARIES);
  third.done("work");
  assert.deepEqual([third.state.status, third.saw("timer-cancelled").length], ["completed", 2]);
});

test("an event gateway goes the way of what comes first", async () => {
  const source = diagram(
    node("startEvent", "s"),
    node("eventBasedGateway", "wait"),
    node("intermediateCatchEvent", "supplemented", messageEvent("supplement")),
    node("intermediateCatchEvent", "waited", timerEvent("=period")),
    task("check"),
    node("endEvent", "abandoned"),
    node("endEvent", "e"),
    flow("s", "wait"),
    flow("wait", "supplemented"),
    flow("wait", "waited"),
    flow("supplemented", "check"),
    flow("waited", "abandoned"),
    flow("check", "e"),
  );
  const walk = await Walk.start(source, { period: "P15D" });
  assert.deepEqual(
    walk.saw("timer-set").map((effect) => effect.type === "timer-set" && effect.due),
    [{ kind: "duration", value: "P15D" }],
  );
  assert.deepEqual(walk.tell("supplemented", { complete: true }), ["check"]);
  assert.equal(walk.state.variables["complete"], true);
  const other = await Walk.start(source, { period: "P15D" });
  other.fire("waited");
  assert.equal(other.state.outcome, "abandoned");
});

const INNER = node(
  "subProcess",
  "inner",
  [
    node("startEvent", "is"),
    node("parallelGateway", "ifork"),
    task("x"),
    service("y"),
    node("endEvent", "denied", '<bpmn:errorEventDefinition errorRef="error-denied"/>'),
    node("exclusiveGateway", "ig", "", 'default="ig-ie"'),
    node("endEvent", "ie"),
    node("endEvent", "ie2"),
    flow("is", "ifork"),
    flow("ifork", "x"),
    flow("ifork", "y"),
    flow("x", "ig"),
    flow("ig", "denied", "bad"),
    flow("ig", "ie"),
    flow("y", "ie2"),
  ].join(""),
);
const OUTER = diagram(
  line(["inner", INNER], ["after", task("after")]),
  node("boundaryEvent", "caught", '<bpmn:errorEventDefinition errorRef="error-denied"/>', 'attachedToRef="inner"'),
  task("repair"),
  node("endEvent", "repaired"),
  flow("caught", "repair"),
  flow("repair", "repaired"),
);

test("a sub-process goes on when all inside it has ended; an error leaves it by its boundary", async () => {
  const walk = await Walk.start(OUTER);
  assert.deepEqual(walk.waiting(), ["x", "y"]);
  assert.deepEqual(walk.done("x"), ["y"]);
  assert.deepEqual(walk.send({ type: "service-done", wait: walk.wait("y"), variables: {} }), ["after"]);
  const other = await Walk.start(OUTER);
  assert.deepEqual(other.done("x", { bad: true }), ["repair"]);
  assert.equal(other.saw("service-cancelled").length, 1);
  const third = await Walk.start(OUTER);
  assert.deepEqual(third.send({ type: "service-failed", wait: third.wait("y"), errorCode: "denied", variables: {} }), [
    "repair",
  ]);
  const fourth = await Walk.start(OUTER);
  fourth.send({ type: "service-failed", wait: fourth.wait("y"), errorCode: "unheard-of", variables: {} });
  assert.deepEqual([fourth.state.status, fourth.state.outcome, fourth.waiting()], ["failed", "unheard-of", []]);
});

test("a called process runs in its own scope, also twice at once", async () => {
  const source = file(
    process(
      "p",
      node("startEvent", "s"),
      node("parallelGateway", "fork"),
      node("callActivity", "one", "", 'calledElement="q"'),
      node("callActivity", "two", "", 'calledElement="q"'),
      node("parallelGateway", "join"),
      node("endEvent", "e"),
      flow("s", "fork"),
      flow("fork", "one"),
      flow("fork", "two"),
      flow("one", "join"),
      flow("two", "join"),
      flow("join", "e"),
    ),
    process("q", node("startEvent", "qs"), task("qt"), node("endEvent", "qe"), flow("qs", "qt"), flow("qt", "qe")),
  );
  const walk = await Walk.start(source);
  assert.deepEqual(walk.waiting(), ["qt", "qt"]);
  assert.deepEqual(walk.done("qt"), ["qt"]);
  walk.done("qt");
  assert.equal(walk.state.status, "completed");
});

test("a process that calls itself without end is stopped", async () => {
  const source = diagram(line(["c", node("callActivity", "c", "", 'calledElement="p"')]));
  await assert.rejects(Walk.start(source), { code: "ERR_PROCEDURE_LIMIT" });
  const loop = diagram(
    node("startEvent", "s"),
    node("exclusiveGateway", "a"),
    node("exclusiveGateway", "b"),
    flow("s", "a"),
    flow("a", "b"),
    flow("b", "a"),
  );
  await assert.rejects(Walk.start(loop), { code: "ERR_PROCEDURE_LIMIT" });
});

test("a terminate end and a withdrawal cancel everything", async () => {
  const source = FORK.replace(
    '<bpmn:endEvent id="e" ></bpmn:endEvent>',
    node("endEvent", "e", "<bpmn:terminateEventDefinition/>"),
  );
  const walk = await Walk.start(source);
  walk.done("a");
  walk.send({ type: "cancelled", outcome: "withdrawn" });
  assert.deepEqual([walk.state.status, walk.state.outcome, walk.state.tokens], ["terminated", "withdrawn", []]);
  assert.equal(walk.saw("task-closed").length, 1);
  const other = await Walk.start(source);
  for (const element of ["a", "b", "after"]) other.done(element);
  assert.deepEqual([other.state.status, other.state.outcome], ["completed", "e"]);
});

test("clocks start, pause, resume and stop with the tokens", async () => {
  const walk = await Walk.start(
    diagram(
      extend(
        '<zt:clock id="decision" unit="working-day" amount="10" promised="5" article="行政许可法 §42" starts="accept" stops="decide" pauses="hearing"/>',
      ),
      line(["accept", task("accept")], ["hearing", task("hearing")], ["decide", task("decide")]),
    ),
  );
  assert.equal(walk.saw("clock-started").length, 0);
  walk.done("accept");
  assert.deepEqual(walk.saw("clock-started"), [
    {
      type: "clock-started",
      clock: "decision",
      unit: "working-day",
      amount: 10,
      promised: 5,
      article: "行政许可法 §42",
    },
  ]);
  assert.deepEqual(walk.saw("clock-paused"), [{ type: "clock-paused", clock: "decision", element: "hearing" }]);
  walk.done("hearing");
  assert.equal(walk.saw("clock-resumed").length, 1);
  walk.done("decide");
  assert.equal(walk.saw("clock-stopped").length, 1);
});
