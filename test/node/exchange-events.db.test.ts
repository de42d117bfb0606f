import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { replayEvents, tailEvents } from "../../src/node/event-lines.ts";
import { admitted, answered, type EventNode, eventNode, PUBLISHER, ROOM } from "../rooms/event-node.ts";

const READER = "CN/GOV/990101/reader";

let node: EventNode;
before(async () => {
  node = await eventNode();
});
after(() => node.close());

test("events are shown without what they say, and a dead letter is delivered again", async () => {
  answered(await admitted(node.keeper, READER, { maySubscribe: true }));
  const where = { room: ROOM, member: READER, type: "newBirth" };
  const { id } = answered(await node.system(READER).subscribe({ ...where, delivery: "PULL" }));
  const made = [{ type: "newBirth", event: { mother: "堃犇喆" } }];
  const [event = ""] = answered(
    await node.system(PUBLISHER).publish({ room: ROOM, member: PUBLISHER, events: made }),
  ).ids;
  await node.distribution.settle();
  answered(await node.system(READER).rejectEvent({ ...where, id: event, reason: "no" }));
  const lines: string[] = [];
  await tailEvents(node.kernel.database, (line) => lines.push(line));
  assert.equal(lines.length, 1);
  assert.ok(!lines[0]?.includes("堃犇喆"));
  const { at, ...shown } = JSON.parse(lines[0] ?? "{}");
  assert.ok(at);
  assert.deepEqual(shown, {
    sequence: 1,
    id: event,
    room: ROOM,
    type: "newBirth",
    publisher: PUBLISHER,
    pending: 1,
    dead: 1,
  });
  assert.equal(await replayEvents(node.kernel, id, [event]), 1);
  const again = await replayEvents(node.kernel, id, []);
  assert.ok(isRefusal(again) && again.code === "dead-unknown");
});
