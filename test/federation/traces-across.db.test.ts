import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { deliverMessage } from "#kernel/system/messages";
import { continuing, traced, traceId, traceparent } from "#kernel/system/trace";
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

test("what is no place in a trace is none", () => {
  assert.equal(traceparent(), undefined);
  const told = ["00-0-0-0", `00-${"0".repeat(32)}-${"1".repeat(16)}-01`, "x".repeat(5_000), "", null, undefined];
  for (const one of told) assert.equal(continuing(one, traceparent), undefined);
  const place = `00-${"a1".repeat(16)}-${"b2".repeat(8)}-01`;
  assert.equal(continuing(place, traceparent), place);
});
