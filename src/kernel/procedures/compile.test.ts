import assert from "node:assert/strict";
import { test } from "node:test";
import { compileProcedure, ProcedureDefinitionFault } from "./compile.ts";
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

async function problemsOf(source: string): Promise<string> {
  try {
    await compileProcedure(source);
  } catch (fault) {
    assert.ok(fault instanceof ProcedureDefinitionFault, String(fault));
    return fault.problems.join("\n");
  }
  return "";
}

test("a file becomes a frozen table", async () => {
  const procedure = await compileProcedure(
    diagram(
      extend(
        '<zt:clock id="decision" name="审查时限" en="Decision" unit="working-day" amount="decisionDays" promised="5" article="行政许可法 §42" starts="accept" stops="decide" pauses="hearing"/>',
      ),
      line(
        ["accept", task("accept", { more: '<zt:due unit="working-day" amount="5" article="行政许可法 §32"/>' })],
        ["hearing", task("hearing")],
        [
          "decide",
          task("decide", {
            performer: 'duty="licensing.decide" notBy="accept hearing"',
            more: '<zt:due clock="decision"/><zt:notice kind="decision"/>',
          }),
        ],
        ["grant", service("grant")],
      ),
    ),
  );
  assert.equal(procedure.id, "p");
  assert.deepEqual(procedure.title, { zh: "流程", en: "Procedure" });
  assert.match(procedure.digest, /^[0-9a-f]{64}$/);
  const decide = procedure.elements.get("decide");
  assert.deepEqual(decide?.performer, { duty: "licensing.decide", notBy: ["accept", "hearing"], count: 1 });
  assert.equal(decide?.notice, "decision");
  assert.deepEqual(decide?.due, { kind: "clock", clock: "decision" });
  assert.equal(procedure.elements.get("grant")?.slot, "grant");
  const [clock] = procedure.clocks;
  assert.deepEqual([clock?.amount.source, clock?.pauses, clock?.title.en], ["decisionDays", ["hearing"], "Decision"]);
  assert.ok(Object.isFrozen(procedure) && Object.isFrozen(decide));
});

test("what the executor does not know is refused by name and id, all together", async () => {
  const problems = await problemsOf(
    diagram(
      node("startEvent", "start"),
      node("scriptTask", "script"),
      node("inclusiveGateway", "some"),
      node("intermediateCatchEvent", "signal", "<bpmn:signalEventDefinition/>"),
      node("userTask", "nobody"),
      node("serviceTask", "nothing"),
      node("subProcess", "empty"),
      node("userTask", "strange", extend('<zt:performer duty="a" colour="red"/>', "<zt:magic/>")),
      flow("start", "script"),
      flow("script", "missing"),
    ),
  );
  for (const said of [
    /bpmn:ScriptTask script is not supported/,
    /bpmn:InclusiveGateway some is not supported/,
    /bpmn:IntermediateCatchEvent signal with bpmn:SignalEventDefinition is not supported/,
    /user-task nobody has no zt:performer/,
    /service-task nothing has no zt:slot/,
    /bpmn:SubProcess empty needs exactly one start event/,
    /unknown attribute <colour>/,
    /zt:magic/,
    /missing/,
  ]) {
    assert.match(problems, said);
  }
});

test("shapes that would not run are refused", async () => {
  for (const [said, source] of [
    [/several outgoing flows/, diagram(line(["t", task("t")]), node("endEvent", "end2"), flow("t", "end2"))],
    [
      /does not leave an exclusive gateway/,
      diagram(node("startEvent", "s"), node("endEvent", "e"), flow("s", "e", "x > 1")),
    ],
    [
      /function "evil" is not known/,
      diagram(
        node("startEvent", "s"),
        node("exclusiveGateway", "g"),
        node("endEvent", "e"),
        flow("s", "g"),
        flow("g", "e", "evil(1)"),
      ),
    ],
    [
      /calls "other", which is no process/,
      diagram(line(["c", node("callActivity", "c", "", 'calledElement="other"')])),
    ],
    [/not by "nobody"/, diagram(line(["t", task("t", { performer: 'duty="a" notBy="nobody"' })]))],
    [/no catching event of its own/, diagram(line(["g", node("eventBasedGateway", "g")], ["t", task("t")]))],
    [/no ISO 8601 duration/, diagram(line(["t", node("intermediateCatchEvent", "t", timerEvent("five days"))]))],
    [
      /where no token ever rests/,
      diagram(
        line(["m", node("intermediateThrowEvent", "m", messageEvent("told"))]),
        node("boundaryEvent", "b", timerEvent("P1D"), 'attachedToRef="m"'),
        node("endEvent", "e2"),
        flow("b", "e2"),
      ),
    ],
    [
      /has no id|is there twice/,
      file(
        process(
          "p",
          extend(
            '<zt:clock id="a" unit="day" amount="1" article="x" starts="start"/><zt:clock id="a" unit="day" amount="1" article="x" starts="start"/>',
          ),
          line(["t", task("t")]),
        ),
      ),
    ],
    [
      /only parallel instances/,
      diagram(
        line([
          "t",
          node(
            "userTask",
            "t",
            `${extend('<zt:performer duty="a"/>')}<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>`,
          ),
        ]),
      ),
    ],
    [/no executable process/, file()],
    [/./, "<not-bpmn/>"],
    [/./, "no xml at all"],
  ] as const) {
    assert.match(await problemsOf(source), said);
  }
});

test("the digest follows the text", async () => {
  const one = await compileProcedure(diagram(line(["t", task("t")])));
  const other = await compileProcedure(`${diagram(line(["t", task("t")]))} `);
  assert.notEqual(one.digest, other.digest);
});
