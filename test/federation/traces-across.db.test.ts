import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { deliverMessage } from "#kernel/system/messages";
import { continuing, traced, traceId, traceparent } from "#kernel/system/trace";
import { courseOf } from "../../src/infrastructure/exchange/course.ts";
import type { Country } from "../harness/exchange-nodes.ts";
import { births, clerk, people, peopleAndBirths } from "../harness/exchange-rooms.ts";
import { type RecordedSpan, recordSpans } from "../harness/recorded-spans.ts";

const spans = recordSpans();

let country: Country;
before(async () => {
  country = await peopleAndBirths();
});
after(() => country.close());

/** From the outermost to the innermost. */
function chain(of: readonly RecordedSpan[]): readonly string[] {
  return of.toReversed().map(({ name, isRemote }) => (isRemote ? `⇢ ${name}` : name));
}

test("one trace leads from a request on one node to the database of another, now and by a message later", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const mother = await centre.as(people, clerk).addPerson({ name: "林晓竹", number: "T1" });
  assert.ok(!isRefusal(mother));
  spans.length = 0;
  const trace = await traced({ name: "POST /births" }, async () => {
    const born = await county.as(births, clerk).registerBirth({ mother: mother.id, child: "新生儿" });
    assert.deepEqual(born, { name: "林晓竹" });
    return traceId();
  });
  assert.ok(trace);
  assert.deepEqual(new Set(spans.map((span) => span.traceId)), new Set([trace]));
  assert.deepEqual(chain(spans), [
    "POST /births",
    "births.registerBirth",
    "commit",
    "people.findPerson",
    "exchange",
    "⇢ exchange",
    "people.findPerson",
  ]);
  const remote = spans.filter(({ isRemote }) => isRemote);
  assert.deepEqual(
    remote.map(({ name, parent, attributes }) => ({ name, parent, attributes })),
    [{ name: "exchange", parent: "exchange", attributes: { "zhengtong.peer": "county" } }],
  );

  // The child is entered by a message, after the commit, outside of the request.
  spans.length = 0;
  const [message] = await county.kernel.database.query<{ id: string }>("SELECT id FROM act.message");
  assert.ok(message);
  await deliverMessage(county.kernel, message.id, async () => undefined);
  assert.deepEqual(new Set(spans.map((span) => span.traceId)), new Set([trace]));
  assert.deepEqual(chain(spans), ["⇢ people.addPerson", "exchange", "⇢ exchange", "people.addPerson", "commit"]);
  assert.equal(spans.find(({ name }) => name === "commit")?.parent, "people.addPerson");

  const kept = (code: string) =>
    country
      .node(code)
      .kernel.database.query("SELECT act, place FROM exchange.call WHERE trace = $1 ORDER BY act", [trace]);
  assert.equal((await kept("county")).length, 2);
  assert.deepEqual(await kept("county"), await kept("centre"));
  const everything = JSON.stringify(spans);
  for (const secret of [mother.id, clerk.id, "林晓竹", "新生儿", "T1"]) assert.ok(!everything.includes(secret), secret);
});

test("each node tells the course of an exchange: frames, entries and messages in order, and another node what it was a part of", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const [{ trace = "" } = {}] = await county.kernel.database.query<{ trace: string }>(
    "SELECT replace(trace::text, '-', '') AS trace FROM exchange.call WHERE trace IS NOT NULL LIMIT 1",
  );
  const own = await courseOf(county.kernel, { trace }, undefined);
  const shown = own.steps.map((step) =>
    step.kind === "frame" ? step.direction : step.kind === "entry" ? `${step.type} ${step.operation}` : step.state,
  );
  for (const one of ["calls-out", "answers-in", "exchange people.findPerson", "exchange people.addPerson", "done"]) {
    assert.ok(shown.includes(one), `${one}: ${shown}`);
  }
  assert.ok(shown.includes("act births.registerBirth"), "what else the act entered");
  assert.deepEqual(
    own.steps.map(({ at }) => Date.parse(at)),
    own.steps.map(({ at }) => Date.parse(at)).toSorted((one, other) => one - other),
  );
  const theirs = await courseOf(centre.kernel, { trace }, "county");
  const leaves = (steps: typeof own.steps) =>
    new Set(steps.flatMap((step) => (step.kind === "frame" ? [`${step.frame}/${step.place} ${step.leaf}`] : [])));
  assert.equal(leaves(own.steps).size, 4);
  assert.deepEqual(leaves(own.steps), leaves(theirs.steps));
  assert.deepEqual((await courseOf(centre.kernel, { trace }, "somebody")).steps, []);
  const [act = ""] = theirs.acts;
  assert.ok((await courseOf(centre.kernel, { act }, undefined)).steps.some(({ kind }) => kind === "entry"));
  const everything = JSON.stringify([own, theirs]);
  for (const secret of ["林晓竹", "新生儿", "T1"]) assert.ok(!everything.includes(secret), secret);
});

test("what is no place in a trace is none", () => {
  assert.equal(traceparent(), undefined);
  const told = ["00-0-0-0", `00-${"0".repeat(32)}-${"1".repeat(16)}-01`, "x".repeat(5_000), "", null, undefined];
  for (const one of told) assert.equal(continuing(one, traceparent), undefined);
  const place = `00-${"a1".repeat(16)}-${"b2".repeat(8)}-01`;
  assert.equal(continuing(place, traceparent), place);
});
