import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { deliverMessage } from "#kernel/system/messages";
import type { Country } from "../harness/exchange-nodes.ts";
import { births, clerk, people, peopleAndBirths } from "../harness/exchange-rooms.ts";

let country: Country;
before(async () => {
  country = await peopleAndBirths();
});
after(() => country.close());

async function messages() {
  return country
    .node("county")
    .kernel.database.query<{ id: string; status: string }>("SELECT id, status FROM act.message ORDER BY created_at");
}

test("a query and a command cross, the caller's code unchanged; the person sees the look on both nodes", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const mother = await centre.as(people, clerk).addPerson({ name: "母亲", number: "K1" });
  assert.ok(!isRefusal(mother));
  const born = await county.as(births, clerk).registerBirth({ mother: mother.id, child: "新生" });
  assert.deepEqual(born, { name: "母亲" }, JSON.stringify([centre.faults, county.faults].map(String)));
  const [message] = await messages();
  assert.ok(message);
  await deliverMessage(county.kernel, message.id, async () => undefined);
  await deliverMessage(county.kernel, message.id, async () => undefined);
  assert.deepEqual(
    (await messages()).map(({ status }) => status),
    ["done"],
  );
  const children = await centre.kernel.database.query("SELECT 1 FROM people.person WHERE data->>'name' = '新生'");
  assert.equal(children.length, 1);
  for (const node of [centre, county]) {
    const { records } = await node.kernel.ledger.bySubject({ kind: "person", id: mother.id }, {});
    const look = records.find(({ leaf }) => leaf.type === "exchange" && leaf.operation === "findPerson");
    assert.ok(look, node.code);
    assert.equal(look.content?.outcome, "answered");
  }
  assert.equal((await county.kernel.database.query("SELECT 1 FROM people.person")).length, 0);
});

test("answers do not wait for each other", async () => {
  const county = country.node("county");
  const started = performance.now();
  const order: string[] = [];
  const ping = (say: string, waitMs: number) =>
    county
      .as(people, { kind: "public" }, { purpose: "public-information" })
      .ping({ say, waitMs })
      .then((answer) => {
        assert.deepEqual(answer, { said: say });
        order.push(say);
      });
  await Promise.all([ping("slow", 700), ping("a", 0), ping("b", 0)]);
  assert.deepEqual(order.at(-1), "slow");
  assert.ok(performance.now() - started < 20_000);
});

test("many calls share frames, and each is on the record of both sides with its place", async () => {
  const county = country.node("county");
  const front = county.as(people, { kind: "public" }, { purpose: "public-information" });
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => front.ping({ say: String(n) })));
  assert.ok(answers.every((answer, n) => !isRefusal(answer) && answer.said === String(n)));
  const places = async (code: string) =>
    country.node(code).kernel.database.query("SELECT act, frame, place FROM exchange.call ORDER BY act, frame, place");
  assert.deepEqual(await places("centre"), await places("county"));
  const frames = async (code: string, kind: string) =>
    country
      .node(code)
      .kernel.database.query("SELECT id, base, signature, leaves FROM exchange.frame WHERE kind = $1 ORDER BY id", [
        kind,
      ]);
  assert.deepEqual(await frames("county", "calls-out"), await frames("centre", "calls-in"));
  const answersIn = await frames("county", "answers-in");
  assert.deepEqual(answersIn, await frames("centre", "answers-out"));
  assert.ok(answersIn.length < 150, `${answersIn.length} frames of answers`);
});
