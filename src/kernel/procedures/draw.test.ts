import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileProcedure } from "./compile.ts";
import { drawProcedure } from "./draw.ts";
import { layOut } from "./layout.ts";
import { lintProcedure } from "./lint.ts";
import { diagram, extend, flow, line, messageEvent, node, service, task, timerEvent } from "./testing.ts";
import type { Procedure, Shape } from "./types.ts";

const WHOLE = diagram(
  node("startEvent", "s", "", 'name="提交申请" zt:en="Submitted"'),
  node(
    "userTask",
    "accept",
    extend('<zt:performer duty="licensing.accept"/>'),
    'name="受理 &lt;审查&gt;" zt:en="Acceptance &amp; more"',
  ),
  node("exclusiveGateway", "g", "", 'name="结果？" zt:en="Result?" default="g-check"'),
  node(
    "userTask",
    "check",
    extend('<zt:performer duty="licensing.inspect" count="2"/>'),
    'name="现场核查" zt:en="Site check"',
  ),
  node(
    "subProcess",
    "inner",
    `${node("startEvent", "is")}${service("work")}${node("endEvent", "ie")}${flow("is", "work")}${flow("work", "ie")}`,
    'name="登记" zt:en="Register"',
  ),
  node("boundaryEvent", "late", timerEvent("P5D"), 'attachedToRef="accept" name="逾期" zt:en="Late"'),
  node("endEvent", "e", "", 'name="办结" zt:en="Done"'),
  flow("s", "accept"),
  flow("accept", "g"),
  flow("g", "check"),
  flow("g", "accept", 'outcome = "again"', "again"),
  flow("check", "inner"),
  flow("inner", "e"),
  flow("late", "check"),
);

function overlap(one: Shape, other: Shape): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function checkLayout(procedure: Procedure): void {
  const { shapes, edges } = layOut(procedure);
  for (const element of procedure.elements.values()) assert.ok(shapes.has(element.id), element.id);
  for (const id of procedure.flows.keys()) assert.ok((edges.get(id)?.length ?? 0) >= 2, id);
  const outer = [...procedure.elements.values()].filter(
    ({ holder, attachedTo }) => holder === procedure.id && attachedTo === undefined,
  );
  outer.forEach(({ id }, at) => {
    for (const { id: other } of outer.slice(at + 1)) {
      const [one, two] = [shapes.get(id), shapes.get(other)];
      assert.ok(one && two && !overlap(one, two), `${id} and ${other} lie apart`);
    }
  });
}

test("a procedure is drawn with a title, a description and its current step in words", async () => {
  const procedure = await compileProcedure(WHOLE);
  const svg = String(drawProcedure(procedure, { language: "en", state: { at: ["check"], done: ["accept"] } }));
  assert.match(svg, /^<svg [^>]*role="img" aria-labelledby="(\S+) (\S+)"/);
  assert.match(svg, /<title id="[^"]+-title">Procedure<\/title>/);
  assert.match(svg, /<desc id="[^"]+">The case is now at: Site check<\/desc>/);
  assert.match(svg, /zt-procedure__step--now" aria-current="step"/);
  assert.match(svg, /▼ Now/);
  assert.match(svg, /×2/);
  assert.ok(svg.includes("Acceptance &amp;") && !svg.includes("style="), "escaped, and fit for a strict policy");
  const zh = String(drawProcedure(procedure, { language: "zh", state: { at: [] } }));
  assert.match(zh, /办件已办结/);
  assert.ok(zh.includes("受理 &lt;审查&gt;") || zh.includes("&lt;审查&gt;"));
  const plain = String(drawProcedure(procedure, { language: "zh", idPrefix: "a" }));
  assert.match(plain, /环节：受理/);
  assert.equal(
    plain,
    String(drawProcedure(await compileProcedure(WHOLE), { language: "zh", idPrefix: "a" })),
    "always the same",
  );
});

test("our layout puts everything somewhere, nothing upon another", async () => {
  const procedure = await compileProcedure(WHOLE);
  checkLayout(procedure);
  const { shapes } = layOut(procedure);
  const [frame, inside] = [shapes.get("inner"), shapes.get("work")];
  assert.ok(
    frame && inside && inside.x > frame.x && inside.y > frame.y && inside.x + inside.width < frame.x + frame.width,
  );
});

test("any graph of tasks is laid out, also with circles", async () => {
  const graphs = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(graphs, async (pairs) => {
      const names = Array.from({ length: 8 }, (_, at) => `g${at}`);
      const flows = [...new Set(pairs.map(([from, to]) => `${from} ${to}`))].map((pair, at) => {
        const [from, to] = pair.split(" ");
        return flow(`g${from}`, `g${to}`, undefined, `f${at}`);
      });
      const source = diagram(
        node("startEvent", "s"),
        ...names.map((id) => node("exclusiveGateway", id)),
        flow("s", "g0"),
        ...flows,
      );
      checkLayout(await compileProcedure(source));
    }),
    { numRuns: 40 },
  );
});

test("a drawing in the file is used where it is complete", async () => {
  const shape = (id: string, x: number) =>
    `<bpmndi:BPMNShape id="d-${id}" bpmnElement="${id}"><dc:Bounds x="${x}" y="500" width="36" height="36"/></bpmndi:BPMNShape>`;
  const source = diagram(node("startEvent", "s"), node("endEvent", "e"), flow("s", "e"))
    .replace(
      "targetNamespace",
      'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" targetNamespace',
    )
    .replace(
      "</bpmn:definitions>",
      `<bpmndi:BPMNDiagram id="dd"><bpmndi:BPMNPlane id="pl" bpmnElement="p">${shape("s", 1000)}${shape("e", 1200)}<bpmndi:BPMNEdge id="d-f" bpmnElement="s-e"><di:waypoint x="1036" y="518"/><di:waypoint x="1200" y="518"/></bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>`,
    );
  const svg = String(drawProcedure(await compileProcedure(source), { language: "zh" }));
  assert.match(svg, /M1036 518L1200 518/);
});

test("a lint reports everything together", async () => {
  const procedure = await compileProcedure(
    diagram(
      extend('<zt:clock id="c" unit="day" amount="days" article="x" starts="t"/>'),
      node("startEvent", "s"),
      task("t", { more: '<zt:notice kind="letter"/>' }),
      node("exclusiveGateway", "g"),
      node("exclusiveGateway", "h"),
      task("x"),
      task("y"),
      task("lost"),
      node("endEvent", "e"),
      node("exclusiveGateway", "circle"),
      node("intermediateCatchEvent", "m", messageEvent("told")),
      flow("s", "t"),
      flow("t", "g"),
      flow("g", "x", "amount > 3"),
      flow("g", "h", 'outcome = "b"'),
      flow("h", "e", undefined, "open"),
      flow("h", "y", "true", "late"),
      flow("lost", "e"),
      flow("y", "circle"),
      flow("circle", "m"),
      flow("m", "circle"),
    ),
  );
  const found = lintProcedure(procedure, { variables: ["days"], tasks: ["t", "x", "y"], notices: [], messages: [] });
  assert.deepEqual(
    new Set(found.map(({ rule, id }) => `${rule} ${id}`)),
    new Set([
      "unreachable lost",
      "dead-end x",
      "no-way-out y",
      "no-way-out circle",
      "no-way-out m",
      "no-default g",
      "shadowed-flow late",
      "unknown-variable g-x",
      "undeclared lost",
      "undeclared t",
      "undeclared m",
      "clock-never-stops c",
    ]),
  );
  assert.ok(found.every(({ text }) => text.zh !== "" && text.en !== ""));
  assert.deepEqual(lintProcedure(await compileProcedure(diagram(line(["t", task("t")])))), []);
});
