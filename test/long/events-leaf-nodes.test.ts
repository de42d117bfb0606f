import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import { type EventsTravel, eventsBetweenNodes } from "../harness/events-between-nodes.ts";
import { type NatsTree, natsMissing, startNatsTree } from "../harness/nats-server.ts";

/** County and city stand at the leaf, province and centre at the hub. */
const AT_LEAF = new Set(["county", "city"]);
const TRIES = 300;

let tree: NatsTree;

/** Until a message would find the stream of a node; this one is of nobody, and dropped. */
async function reaches(url: string, code: string): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    for (let tries = 0; ; tries++) {
      try {
        await connection.request(`zhengtong.events.${code}`, "", { timeout: 2_000 });
        return;
      } catch (error) {
        if (tries === TRIES) throw error;
        await sleep(100);
      }
    }
  } finally {
    await connection.close();
  }
}

async function ready(): Promise<void> {
  await reaches(tree.leaf.url, "province");
  await reaches(tree.hub.url, "city");
}

/** Everything, once, in its order: as long as it takes. */
async function arriving(travel: EventsTravel, wanted: readonly number[]): Promise<void> {
  const numbers: number[] = [];
  for (let rounds = 0; numbers.length < wanted.length && rounds < 40; rounds++) {
    await travel.settleLater();
    numbers.push(...(await travel.arrived()));
  }
  await travel.settleLater();
  assert.deepEqual([...numbers, ...(await travel.arrived())], wanted);
}

const from = (first: number) => Array.from({ length: 60 }, (_, place) => first + place);

eventsBetweenNodes(
  {
    ...{ name: "nats, a hub and a leaf", skip: natsMissing() },
    async open() {
      tree = await startNatsTree();
      const urlOf = (code: string) => (AT_LEAF.has(code) ? tree.leaf.url : tree.hub.url);
      return { urlOf, ready, stop: () => tree.stop() };
    },
  },
  (travel) => {
    test("nothing is lost or doubled where the link between the servers is cut and comes back", async () => {
      const numbers = from(1_000);
      await travel.publish(numbers.slice(0, 20));
      tree.wire.cut();
      await travel.settleLater();
      await travel.publish(numbers.slice(20, 40));
      await travel.settleLater();
      assert.deepEqual(await travel.arrived(), [], "nothing goes round the link");
      tree.wire.heal();
      await travel.publish(numbers.slice(40));
      await ready();
      await arriving(travel, numbers);
    });

    test("nor where the link swallows what is under way", async () => {
      const numbers = from(2_000);
      await travel.publish(numbers);
      tree.wire.stall();
      await travel.settleLater();
      tree.wire.heal();
      await ready();
      await arriving(travel, numbers);
    });

    for (const which of ["leaf", "hub"] as const) {
      test(`nor where the ${which} is killed`, async () => {
        const numbers = from(which === "leaf" ? 3_000 : 4_000);
        await travel.publish(numbers.slice(0, 30));
        await tree[which].without(async () => {
          await travel.settleLater();
          await travel.publish(numbers.slice(30));
          await travel.settleLater();
        });
        await ready();
        await arriving(travel, numbers);
      });
    }
  },
);
