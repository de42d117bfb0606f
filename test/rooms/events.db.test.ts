import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { hmacSha256 } from "#lib/crypto/digest";
import { waitingSubscriptions } from "../../src/infrastructure/events/delivering.ts";
import { MAX_ATTEMPTS, WINDOW } from "../../src/infrastructure/events/limits.ts";
import { buryUnreadable } from "../../src/infrastructure/events/sweeps.ts";
import { TEST_NOW } from "../../src/node/testing.ts";
import { admitted, answered, type EventNode, eventNode, hook, PUBLISHER, ROOM } from "./event-node.ts";

const TYPE = "newBirth";

let node: EventNode;
before(async () => {
  node = await eventNode();
});
after(() => node.close());

const codeOf = (answer: unknown) => (isRefusal(answer) ? answer.code : "answered");

async function publish(mothers: readonly (readonly [string, number])[], about: { readonly expiresAt?: string } = {}) {
  const made = mothers.map(([mother, number]) => ({ type: TYPE, event: { mother, number }, ...about }));
  return answered(await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events: made })).ids;
}

let members = 0;
async function subscriber(about: { readonly target?: string } = {}) {
  members += 1;
  const member = `CN/GOV/990101/subscriber-${members}`;
  const admission = answered(await admitted(node.keeper, member, { maySubscribe: true, ...about }));
  return { member, as: () => node.system(member), admission };
}

async function pulled({ member, as }: Awaited<ReturnType<typeof subscriber>>, limit = 500) {
  return answered(await as().pull({ room: ROOM, member, type: TYPE, limit })).items;
}

async function damage(event: string): Promise<void> {
  await node.kernel.database.execute(
    "UPDATE events.event SET payload = set_byte(payload, 60, get_byte(payload, 60) # 1) WHERE id = $1",
    [event],
  );
}

const numbers = (items: readonly { readonly event?: unknown }[]) =>
  items.map(({ event }) => (event as { readonly number: number }).number);

describe("event rooms", () => {
  test("whoever is not admitted, or speaks as another, neither publishes nor subscribes", async () => {
    const one = await subscriber();
    const event = [{ type: TYPE, event: { mother: "m" } }];
    assert.equal(codeOf(await one.as().publish({ room: ROOM, member: one.member, events: event })), "not-admitted");
    assert.equal(codeOf(await one.as().publish({ room: ROOM, member: PUBLISHER, events: event })), "not-admitted");
    assert.equal(
      codeOf(await node.keeper.publish({ room: ROOM, member: PUBLISHER, events: event })),
      "not-admitted",
      "the node itself speaks for no system",
    );
    const stranger = "CN/GOV/990101/stranger";
    assert.equal(
      codeOf(await node.system(stranger).subscribe({ room: ROOM, member: stranger, type: TYPE, delivery: "PULL" })),
      "not-admitted",
    );
    assert.equal(codeOf(await one.as().listQueues({})), "denied", "queues are their keeper's to see");
  });

  test("an event that does not fit its type is not published, and none of those beside it", async () => {
    const events = [
      { type: TYPE, event: { mother: "m" } },
      { type: TYPE, event: { number: 3 } },
    ];
    const answer = await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events });
    assert.ok(isRefusal(answer) && answer.code === "invalid-event");
    assert.match(answer.text.en, /Event 2 .*mother/);
    assert.equal((await node.kernel.database.query("SELECT 1 FROM act.event")).length, 0);
  });

  test("what is published is pulled in order, again until it is acknowledged, and once the same key and id are one event", async () => {
    const one = await subscriber();
    answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PULL" }));
    const ids = await publish([
      ["a", 1],
      ["b", 2],
      ["a", 3],
    ]);
    const again = { type: TYPE, event: { mother: "a", number: 1 }, id: ids[0] as string };
    answered(await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events: [again] }));
    await node.distribution.settle();
    assert.deepEqual(numbers(await pulled(one)), [1, 2, 3]);
    assert.deepEqual(numbers(await pulled(one, 1)), [1], "nothing moved by pulling");
    answered(await one.as().acknowledge({ room: ROOM, member: one.member, type: TYPE, ids: [ids[0] as string] }));
    assert.deepEqual(numbers(await pulled(one)), [2, 3]);
    const twice = await one.as().acknowledge({ room: ROOM, member: one.member, type: TYPE, ids: [ids[0] as string] });
    assert.equal(codeOf(twice), "event-unknown");
    const status = answered(
      await node.system(PUBLISHER).findEvent({ room: ROOM, member: PUBLISHER, type: TYPE, id: ids[1] as string }),
    );
    assert.equal(status.state, "delivering");
    answered(
      await node.system(PUBLISHER).stopEvent({ room: ROOM, member: PUBLISHER, type: TYPE, id: ids[1] as string }),
    );
    assert.deepEqual(numbers(await pulled(one)), [3]);
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
  });

  test("a new subscriber begins where it likes: at the beginning, now, or at an instant", async () => {
    const before = await publish([["x", 10]]);
    await node.distribution.settle();
    node.setNow("2026-11-18T03:00:00.000Z");
    const later = await publish([["x", 11]]);
    await node.distribution.settle();
    node.setNow("2026-11-18T04:00:00.000Z");
    const seen = async (from: string) => {
      const one = await subscriber();
      answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PULL", from }));
      await node.distribution.settle();
      return (await pulled(one)).map(({ id }) => id);
    };
    const all = await seen("beginning");
    assert.ok(all.includes(before[0] as string) && all.includes(later[0] as string));
    assert.deepEqual(await seen("2026-11-18T02:30:00.000Z"), later);
    assert.deepEqual(await seen("now"), []);
    node.setNow(TEST_NOW);
  });

  test("a slow subscriber's window stays bounded, and another gets everything", async () => {
    const [slow, quick] = [await subscriber(), await subscriber()];
    for (const one of [slow, quick]) {
      answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PULL" }));
    }
    const sent = WINDOW + 300;
    for (let from = 0; from < sent; from += 500) {
      await publish(Array.from({ length: Math.min(500, sent - from) }, (_, place) => ["w", from + place] as const));
    }
    await node.distribution.settle();
    let got = 0;
    for (let items = await pulled(quick); items.length > 0; items = await pulled(quick)) {
      got += items.length;
      const ids = items.map(({ id }) => id);
      answered(await quick.as().acknowledge({ room: ROOM, member: quick.member, type: TYPE, ids }));
      await node.distribution.settle();
    }
    assert.equal(got, sent);
    const queues = answered(await node.keeper.listQueues({ room: ROOM })).items;
    const queue = queues.find(({ member }) => member === slow.member);
    assert.deepEqual([queue?.waiting, queue?.behind], [WINDOW, 300]);
    for (const one of [slow, quick])
      answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
  });

  test("a rejected event is a dead letter, holds up its own key alone, and goes on in order when it is replayed", async () => {
    const one = await subscriber();
    const { id } = answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PULL" }));
    const ids = await publish([
      ["k", 1],
      ["other", 2],
      ["k", 3],
    ]);
    await node.distribution.settle();
    const reject = { room: ROOM, member: one.member, type: TYPE, id: ids[0] as string, reason: "no such mother" };
    answered(await one.as().rejectEvent(reject));
    await publish([["k", 4]]);
    await node.distribution.settle();
    assert.deepEqual(numbers(await pulled(one)), [2]);
    const dead = answered(await node.keeper.listDeadLetters({ subscription: id })).items;
    assert.deepEqual([dead.length, dead[0]?.reason, dead[0]?.holds], [1, "no such mother", 2]);
    assert.deepEqual(answered(await node.keeper.replayDead({ subscription: id })), { replayed: 1 });
    assert.deepEqual(numbers(await pulled(one)), [1, 2, 3, 4]);
    answered(await one.as().rejectEvent(reject));
    const gone = { subscription: id, event: ids[0] as string, reason: "entered by hand" };
    answered(await node.keeper.discardDead(gone));
    assert.deepEqual(numbers(await pulled(one)), [2, 3, 4]);
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
  });

  test("what its publisher gave an end is not delivered after it; what a subscriber finds too old waits as a dead letter", async () => {
    const [plain, hurried] = [await subscriber(), await subscriber()];
    answered(await plain.as().subscribe({ room: ROOM, member: plain.member, type: TYPE, delivery: "PULL" }));
    const wish = { room: ROOM, member: hurried.member, type: TYPE, delivery: "PULL", ttlSeconds: 60 } as const;
    const { id } = answered(await hurried.as().subscribe(wish));
    await publish([["e", 1]], { expiresAt: "2026-11-18T02:00:30.000Z" });
    await publish([["e", 2]]);
    await node.distribution.settle();
    node.setNow("2026-11-18T02:02:00.000Z");
    assert.deepEqual(numbers(await pulled(plain)), [2]);
    assert.deepEqual(numbers(await pulled(hurried)), []);
    await node.distribution.settle();
    const dead = answered(await node.keeper.listDeadLetters({ subscription: id })).items;
    assert.deepEqual([dead.length, dead[0]?.reason], [1, "ttl"]);
    node.setNow(TEST_NOW);
  });
});

describe("pushing", () => {
  test("a system gets signed CloudEvents, each key in order; one that it refuses comes again, and at last is a dead letter", async () => {
    const seen: { readonly number: number; readonly signed: boolean }[] = [];
    let secret: Uint8Array | undefined;
    const server = await hook((body, { headers }) => {
      const event = JSON.parse(body) as { readonly id: string; readonly data: { readonly number: number } };
      const signature = hmacSha256(secret as Uint8Array, utf8(`${event.id}.${headers["webhook-timestamp"]}.${body}`));
      seen.push({ number: event.data.number, signed: headers["webhook-signature"] === `v1,${toBase64(signature)}` });
      return event.data.number === 1 ? 422 : 204;
    });
    const one = await subscriber({ target: server.address });
    secret = fromBase64(one.admission.pushSecret?.slice("whsec_".length) ?? "");
    const { id } = answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PUSH" }));
    await publish([
      ["p", 1],
      ["q", 2],
      ["p", 3],
    ]);
    await node.distribution.settle();
    assert.deepEqual(seen, [
      { number: 1, signed: true },
      { number: 2, signed: true },
    ]);
    let at = Date.parse(TEST_NOW);
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      at += 3_600_000;
      node.setNow(new Date(at).toISOString());
      await node.distribution.settle();
    }
    assert.equal(seen.filter(({ number }) => number === 1).length, MAX_ATTEMPTS);
    const dead = answered(await node.keeper.listDeadLetters({ subscription: id })).items;
    assert.deepEqual([dead[0]?.reason, dead[0]?.attempts, dead[0]?.holds], ["HTTP 422", MAX_ATTEMPTS, 1]);
    assert.ok(!seen.some(({ number }) => number === 3), "what follows in its key waits");
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
    await server.close();
    node.setNow(TEST_NOW);
  });

  test("urgent events go before those that have waited longer, and bulk after them", async (context) => {
    const server = await hook(() => 422);
    context.after(() => {
      node.setNow(TEST_NOW);
      return server.close();
    });
    const one = await subscriber({ target: server.address });
    const ids = new Map<string, string>();
    for (const priority of ["bulk", "normal", "urgent"] as const) {
      const type = `${priority}Notice`;
      answered(await node.keeper.defineType({ room: ROOM, type, schema: { type: "object" }, priority }));
      const { id } = answered(await one.as().subscribe({ room: ROOM, member: one.member, type, delivery: "PUSH" }));
      ids.set(id, priority);
      const events = [{ type, event: {} }];
      answered(await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events }));
      await node.distribution.settle();
    }
    node.setNow(new Date(Date.parse(TEST_NOW) + 3_600_000).toISOString());
    const waiting = await waitingSubscriptions(node.kernel);
    const mine = waiting.flatMap(({ id }) => ids.get(id) ?? []);
    assert.deepEqual(mine, ["urgent", "normal", "bulk"]);
  });

  test("a system that is down costs no event an attempt, and gets all when it is back", async () => {
    const down = await hook(() => 204);
    await down.close();
    const one = await subscriber({ target: down.address });
    answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PUSH", fifo: true }));
    await publish([
      ["d", 1],
      ["d", 2],
    ]);
    let at = Date.parse(TEST_NOW);
    for (let hour = 0; hour < MAX_ATTEMPTS * 2; hour++) {
      await node.distribution.settle();
      at += 3_600_000;
      node.setNow(new Date(at).toISOString());
    }
    const queue = answered(await node.keeper.listQueues({ room: ROOM })).items.find(
      ({ member }) => member === one.member,
    );
    assert.deepEqual([queue?.waiting, queue?.dead, queue?.failures], [2, 0, MAX_ATTEMPTS * 2]);
    assert.match(queue?.lastError ?? "", /ECONN|fetch|Error/);
    node.setNow(TEST_NOW);
  });
});

describe("what one event does not do to others", () => {
  test("while it is tried again, more of its key than a window holds do not keep another key waiting", async () => {
    const seen: number[] = [];
    const server = await hook((body) => {
      const { number } = (JSON.parse(body) as { readonly data: { readonly number: number } }).data;
      seen.push(number);
      return number === 1 ? 422 : 204;
    });
    const one = await subscriber({ target: server.address });
    answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PUSH" }));
    await publish([["retried", 1]]);
    await node.distribution.settle();
    for (let from = 0; from < WINDOW + 200; from += 400) {
      await publish(Array.from({ length: 400 }, (_, place) => ["retried", 1_000 + from + place] as const));
    }
    await publish([["other", 2]]);
    await node.distribution.settle();
    assert.deepEqual(seen, [1, 2]);
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
    await server.close();
  });

  test("an end before all time stops nobody else's events", async () => {
    const one = await subscriber();
    answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PULL" }));
    const early = { type: TYPE, event: { mother: "y", number: 1 }, expiresAt: "0000-01-01T00:00:00Z" };
    await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events: [early] });
    await publish([["y", 2]]);
    await node.distribution.settle();
    assert.deepEqual(numbers(await pulled(one)), [2]);
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
  });

  test("one that no longer opens is tried, and at last a dead letter; the others are delivered", async () => {
    const seen: number[] = [];
    const server = await hook((body) => {
      seen.push((JSON.parse(body) as { readonly data: { readonly number: number } }).data.number);
      return 204;
    });
    const one = await subscriber({ target: server.address });
    const { id } = answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PUSH" }));
    const [damaged] = await publish([["t", 1]]);
    await publish([["u", 2]]);
    await node.distribution.round();
    await damage(damaged ?? "");
    let at = Date.parse(TEST_NOW);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      await node.distribution.settle();
      at += 3_600_000;
      node.setNow(new Date(at).toISOString());
    }
    assert.deepEqual(seen, [2]);
    const dead = answered(await node.keeper.listDeadLetters({ subscription: id })).items;
    assert.deepEqual([dead.length, dead[0]?.reason], [1, "ERR_VAULT_SEAL"]);
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
    await server.close();
    node.setNow(TEST_NOW);
  });

  test("one that no longer opens keeps nobody from pulling the others, and becomes a dead letter", async () => {
    const one = await subscriber();
    const { id } = answered(await one.as().subscribe({ room: ROOM, member: one.member, type: TYPE, delivery: "PULL" }));
    const [damaged] = await publish([
      ["v", 1],
      ["v", 2],
      ["w", 3],
    ]);
    await node.distribution.settle();
    await damage(damaged ?? "");
    assert.deepEqual(numbers(await pulled(one)), [3], "those of its key wait behind it");
    assert.ok((await buryUnreadable(node.kernel)) >= 1);
    const [dead] = answered(await node.keeper.listDeadLetters({ subscription: id })).items;
    assert.deepEqual([dead?.event, dead?.reason, dead?.holds], [damaged, "ERR_VAULT_SEAL", 1]);
    answered(await node.keeper.discardDead({ subscription: id, event: damaged ?? "", reason: "damaged" }));
    assert.deepEqual(numbers(await pulled(one)), [2, 3]);
    answered(await one.as().unsubscribe({ room: ROOM, member: one.member, type: TYPE }));
  });
});
