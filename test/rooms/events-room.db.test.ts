import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { events } from "#infrastructure/events";
import { command, defineContract, event } from "#kernel/contract/contract";
import { defineSystem } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { contractRoomCode, ensureContractTypes } from "../../src/infrastructure/events/contract-types.ts";
import { removeOldEvents } from "../../src/infrastructure/events/sweeps.ts";
import { TEST_NOW } from "../../src/node/testing.ts";
import { answered, type EventNode, eventNode } from "./event-node.ts";

const Moved = z.object({ person: z.string().max(40), place: z.string().max(40) });
const plain = { audience: ["node"], legalBasis: [], refusals: {} } as const;

/** Publishes with its act. */
const moves = defineContract({
  id: "moves",
  version: "1.0",
  title: text("迁移", "Moves"),
  steward: text("测试", "Test"),
  operations: {
    move: command({
      ...plain,
      title: text("迁", "Move"),
      input: Moved,
      output: z.object({}),
      refusals: { no: text("否", "No") },
    }),
  },
  events: { moved: event({ title: text("已迁", "Moved"), payload: Moved, key: "person" }) },
});
const moving = defineSystem(moves, {
  operations: {
    async move(ctx, input) {
      await ctx.emit("moved", input);
      return input.place === "nowhere" ? ctx.refuse("no") : {};
    },
  },
});

/** Takes them, and counts. */
const counting = defineContract({
  id: "counting",
  version: "1.0",
  title: text("计数", "Counting"),
  steward: text("测试", "Test"),
  operations: {
    note: command({
      ...plain,
      title: text("记", "Note"),
      input: z.object({ id: z.uuid(), data: Moved }),
      output: z.object({}),
    }),
  },
});
const counts = defineSystem(counting, {
  operations: {
    async note(ctx, { data }) {
      await ctx.nextNumber(`noted ${data.person} ${data.place}`);
      return {};
    },
  },
});

let node: EventNode;
before(async () => {
  node = await eventNode({ systems: [moving, counts] });
  await ensureContractTypes(node.kernel, [
    { contract: "moves", title: "迁移", name: "moved", schema: {}, orderBy: "person" },
  ]);
  answered(
    await node.keeper.admit({
      ...{ room: contractRoomCode("moves"), member: "room:counting", target: "note" },
      ...{ mayPublish: false, maySubscribe: true, mayManage: false },
    }),
  );
});
after(() => node.close());

describe("events of contracts", () => {
  const subscription = { room: contractRoomCode("moves"), member: "room:counting", type: "moved" };

  test("what an act publishes reaches the room that subscribed, whose effect comes once however often it is delivered", async () => {
    const counter = node.as(events, { kind: "node", room: "counting" }, { purpose: "administration" });
    const { id } = answered(await counter.subscribe({ ...subscription, delivery: "PUSH" }));
    const mover = node.as(moves, { kind: "node", room: "moves" });
    answered(await mover.move({ person: "p", place: "here" }));
    await mover.move({ person: "p", place: "nowhere" });
    await node.distribution.settle();
    const noted = () =>
      node.kernel.database.query<{ name: string; last: number }>(
        "SELECT name, last FROM act.sequence WHERE room = 'counting'",
      );
    assert.deepEqual(await noted(), [{ name: "noted p here", last: 1 }], "a refused act publishes nothing");
    assert.equal((await node.kernel.database.query("SELECT 1 FROM act.event")).length, 0);
    assert.deepEqual(answered(await node.keeper.replay({ subscription: id, from: "beginning" })), { events: 1 });
    await node.distribution.settle();
    assert.deepEqual(await noted(), [{ name: "noted p here", last: 1 }]);
  });

  test("payloads lie sealed, and go when their time is over and nobody waits for them", async () => {
    const whole = await node.kernel.database.query<{ row: string }>("SELECT e::text AS row FROM events.event e");
    assert.ok(whole.length > 0 && whole.every(({ row }) => !row.includes("here")));
    assert.equal(await removeOldEvents(node.kernel), 0);
    node.setNow("2027-11-30T00:00:00.000Z");
    assert.equal(await removeOldEvents(node.kernel), whole.length);
    node.setNow(TEST_NOW);
  });
});
