import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { deliverMessage } from "#kernel/system/messages";
import type { Country } from "../harness/exchange-nodes.ts";
import { exchangeRecords } from "../harness/exchange-records.ts";
import { births, clerk, people, peopleAndBirths } from "../harness/exchange-rooms.ts";
import { FaultProxy } from "../harness/fault-proxy.ts";
import { matchedEvidence } from "../history/invariants.ts";

/** Short, so that what is lost is soon given up. */
const CALL_TIMEOUT_MS = 1_500;
let country: Country;
let wire: FaultProxy;
before(async () => {
  country = await peopleAndBirths({ callTimeoutMs: CALL_TIMEOUT_MS });
  wire = await FaultProxy.open({ host: "127.0.0.1", port: country.node("centre").port });
  country.change((entry) =>
    entry.code === "centre" ? { ...entry, exchange: `https://127.0.0.1:${wire.port}` } : entry,
  );
});
after(async () => {
  await country.close();
  await wire.close();
});

const say = (n: number) =>
  country
    .node("county")
    .as(people, { kind: "public" }, { purpose: "public-information" })
    .ping({ say: String(n) });

async function untilAnswered(n: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await say(n);
    if (!isRefusal(answer)) {
      assert.equal(answer.said, String(n));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("the way is open again and nothing goes through");
}

/** Of what either side kept, the other has what it must have. */
async function agree(): Promise<void> {
  const [county, centre] = [country.node("county"), country.node("centre")];
  const ours = await exchangeRecords(county.kernel.database, "centre");
  const theirs = await exchangeRecords(centre.kernel.database, "county");
  assert.deepEqual(matchedEvidence(ours, theirs), []);
}

test("half a second of delay and broken connections: every call is answered rightly or given up, none twice", async () => {
  wire.delayMs = 100;
  wire.lossPerThousand = 50;
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => say(n)));
  wire.delayMs = 0;
  wire.lossPerThousand = 0;
  for (const [n, answer] of answers.entries()) {
    if (isRefusal(answer)) assert.equal(answer.code, "unavailable");
    else assert.equal(answer.said, String(n));
  }
  await untilAnswered(1_000);
  await agree();
});

test("a cut wire: a query says unavailable, a command waits and is done once when the wire is whole", async () => {
  const mother = await country.node("centre").as(people, clerk).addPerson({ name: "母亲", number: "K1" });
  assert.ok(!isRefusal(mother));
  const county = country.node("county");
  const born = await county.as(births, clerk).registerBirth({ mother: mother.id, child: "新生" });
  assert.ok(!isRefusal(born));
  const [message] = await county.kernel.database.query<{ id: string }>("SELECT id FROM act.message");
  assert.ok(message);
  wire.cut();
  const away = await say(1);
  assert.ok(isRefusal(away) && away.code === "unavailable");
  await assert.rejects(
    deliverMessage(county.kernel, message.id, async () => undefined),
    { code: "ERR_NODE_AWAY" },
  );
  wire.heal();
  await untilAnswered(2);
  const outcomes: unknown[] = [];
  await deliverMessage(county.kernel, message.id, async ({ outcome }) => {
    outcomes.push(outcome);
  });
  assert.ok(outcomes.length === 1 && !isRefusal(outcomes[0]));
  const rows = await country
    .node("centre")
    .kernel.database.query("SELECT 1 FROM people.person WHERE data->>'name' = '新生'");
  assert.equal(rows.length, 1);
  await agree();
});

test("an answer that is lost: the command was done, is asked again under its key, and is done once", async () => {
  const county = country.node("county");
  const front = county.as(people, clerk, { idempotencyKey: "once" });
  const add = () => front.addPerson({ name: "一次", number: "ONCE" });
  // The frame comes through, then the wire swallows what comes back.
  const asking = add();
  const frames = async () =>
    (await country.node("centre").kernel.database.query("SELECT 1 FROM people.person WHERE data->>'name' = '一次'"))
      .length;
  for (let tries = 0; tries < 400 && (await frames()) === 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  wire.stall();
  const first = await asking;
  if (isRefusal(first)) assert.match(first.text.en, /may have been done|cannot be reached/);
  wire.heal();
  await untilAnswered(3);
  const second = await add();
  assert.ok(!isRefusal(second));
  if (!isRefusal(first)) assert.equal(second.id, first.id);
  assert.equal(await frames(), 1);
  await agree();
});

test("a peer whose clock is ten minutes off is told so, and nothing of it is taken", async () => {
  const [centre, county] = [country.node("centre"), country.node("county")];
  const before = county.kernel.now();
  county.setNow(new Date(Date.parse(before) + 600_000).toISOString());
  const answer = await say(1);
  assert.ok(isRefusal(answer) && answer.code === "unavailable");
  county.setNow(before);
  assert.ok((centre.exchange.state.refused["county time"] ?? 0) >= 1);
  await untilAnswered(4);
});

test("a certificate that is struck while calls are under way: what comes after is refused, and another certificate goes on", async () => {
  const asking = Array.from({ length: 20 }, (_, n) => say(n));
  country.change((entry) => (entry.code === "county" ? { ...entry, certificates: ["0".repeat(64)] } : entry), "centre");
  for (const answer of await Promise.all(asking)) if (isRefusal(answer)) assert.equal(answer.code, "unavailable");
  const refused = await say(21);
  assert.ok(isRefusal(refused) && refused.code === "unavailable");
  country.change((entry) => entry, "centre");
  country.change((entry) =>
    entry.code === "centre" ? { ...entry, exchange: `https://127.0.0.1:${wire.port}` } : entry,
  );
  await untilAnswered(5);
  await agree();
});

test("a provider that signs with a key that is not its own is not believed, and does not end the asking node", async () => {
  const county = country.node("county");
  const brokenBefore = county.exchange.state.peers[0]?.broken ?? 0;
  country.change((entry) => {
    const there = { ...entry, ...(entry.code === "centre" && { exchange: `https://127.0.0.1:${wire.port}` }) };
    return entry.code === "centre" ? { ...there, signingKeys: county.identity.keys } : there;
  }, "county");
  const answer = await say(1);
  assert.ok(isRefusal(answer) && answer.code === "unavailable");
  assert.ok((county.exchange.state.peers[0]?.broken ?? 0) > brokenBefore);
  country.change((entry) =>
    entry.code === "centre" ? { ...entry, exchange: `https://127.0.0.1:${wire.port}` } : entry,
  );
  await untilAnswered(6);
});
