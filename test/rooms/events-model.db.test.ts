import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { MAX_ATTEMPTS } from "../../src/infrastructure/events/limits.ts";
import { TEST_NOW } from "../../src/node/testing.ts";
import { admitted, answered, type EventNode, eventNode, hook, PUBLISHER, ROOM } from "./event-node.ts";

const TYPE = "newBirth";
const KEYS = ["a", "b", "c"];
const HOUR_MS = 3_600_000;
/** Each is a whole course of events against PostgreSQL. */
const COURSES = 12;

let node: EventNode;
before(async () => {
  node = await eventNode();
});
const closings: (() => Promise<unknown>)[] = [];
after(async () => {
  await Promise.all(closings.map((close) => close()));
  await node.close();
});

/** What a receiver says to an event: it takes it, refuses it, or is not there. */
const STATUS = { takes: 204, refuses: 422, away: 503 } as const;
const mood = fc.constantFrom(...(["takes", "takes", "refuses", "refuses", "away"] as const));
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      keys: fc.array(fc.nat(KEYS.length - 1), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      moods: fc.array(mood, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("exhaust" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replay" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("discard" as const) }) },
);

let courses = 0;

test("whatever a receiver does, each event is taken once, in the order of its key, or was given up by someone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), fc.boolean(), async (steps, fifo) => {
      courses += 1;
      let moods: readonly (keyof typeof STATUS)[] = ["takes"];
      let asked = 0;
      const taken: { readonly key: string; readonly number: number }[] = [];
      const server = await hook((body) => {
        const { data } = JSON.parse(body) as { data: { mother: string; number: number } };
        const says = moods[asked % moods.length] ?? "takes";
        asked += 1;
        if (says === "takes") taken.push({ key: data.mother, number: data.number });
        return STATUS[says];
      });
      closings.push(server.close);
      const member = `CN/GOV/990101/model-${courses}`;
      answered(await admitted(node.keeper, member, { maySubscribe: true, target: server.address }));
      const doors = node.system(member);
      const { id } = answered(await doors.subscribe({ room: ROOM, member, type: TYPE, delivery: "PUSH", fifo }));
      let at = Date.parse(TEST_NOW);
      let published = 0;
      const numberOf = new Map<string, number>();
      const discarded = new Set<number>();
      const later = (hours: number) => {
        at += hours * HOUR_MS;
        node.setNow(new Date(at).toISOString());
      };
      for (const one of [...steps, { do: "end" as const }]) {
        if (one.do === "publish") {
          const made = one.keys.map((key) => {
            published += 1;
            return { type: TYPE, event: { mother: KEYS[key], number: published } };
          });
          const { ids } = answered(
            await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events: made }),
          );
          for (const [place, event] of ids.entries()) numberOf.set(event, published - ids.length + place + 1);
        } else if (one.do === "deliver") {
          moods = one.moods;
          await node.distribution.settle();
        } else if (one.do === "exhaust") {
          moods = ["refuses"];
          for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            await node.distribution.settle();
            later(2);
          }
        } else if (one.do === "wait") later(one.hours);
        else if (one.do === "replay") await node.keeper.replayDead({ subscription: id });
        else if (one.do === "discard") {
          const [letter] = answered(await node.keeper.listDeadLetters({ subscription: id })).items;
          if (letter === undefined) continue;
          answered(await node.keeper.discardDead({ subscription: id, event: letter.event, reason: "by hand" }));
          discarded.add(numberOf.get(letter.event) ?? 0);
        }
      }
      // At last the receiver takes everything, and someone has what died delivered again.
      moods = ["takes"];
      for (let round = 0; round < 12; round++) {
        later(24);
        await node.keeper.replayDead({ subscription: id });
        await node.distribution.settle();
      }
      const all = Array.from({ length: published }, (_, place) => place + 1);
      assert.deepEqual(
        taken.map(({ number }) => number).sort((one, other) => one - other),
        all.filter((one) => !discarded.has(one)),
      );
      for (const key of KEYS) {
        const order = taken.filter((event) => event.key === key).map(({ number }) => number);
        assert.deepEqual(
          order,
          [...order].sort((one, other) => one - other),
          `the order of ${key}`,
        );
      }
      const left = await node.kernel.database.query("SELECT 1 FROM events.delivery WHERE subscription = $1", [id]);
      assert.equal(left.length, 0);
      answered(await doors.unsubscribe({ room: ROOM, member, type: TYPE }));
      node.setNow(TEST_NOW);
    }),
    { numRuns: COURSES, endOnFailure: true },
  );
});
