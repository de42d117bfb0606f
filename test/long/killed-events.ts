/**
 * Publishes, distributes and takes events on the database that DATABASE_URL names, and ends itself with SIGKILL after so many steps
 * (KILL_AFTER). Says `published <n> <person>` for each event whose publishing was acknowledged, and `done` when nothing is left.
 */
import { events } from "#infrastructure/events";
import { openDatabase } from "#kernel/database/database";
import { frontOf } from "#kernel/http/pages";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { Distribution } from "../../src/infrastructure/events/distribution.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { composeKernel } from "../../src/node/compose.ts";
import { archive, bookRooms } from "../harness/book-rooms.ts";
import { answered, PUBLISHER, ROOM } from "../rooms/event-node.ts";

/** Events, and the persons whom they tell of in turn: each is a key. */
const EVENTS = 6;
const PERSONS = ["one", "two"];

let left = Number(process.env["KILL_AFTER"] ?? "0");
function step(): void {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

const database = await openDatabase({ url: process.env["DATABASE_URL"] ?? "" });
const kernel = await composeKernel({
  database,
  systems: [eventsSystem, ...bookRooms],
  keys: { masterKey: () => new Uint8Array(32).fill(7) },
  checkpointSigner: checkpointSigner("events.example/log", ed25519FromSeed(new Uint8Array(32).fill(4))),
  filesFolder: process.env["FILES_FOLDER"] ?? "",
  zone: "extranet",
  authorityOf: () => "00000000-0000-4000-8000-000000000001",
});
const act = (about: object) => ({
  ...{ id: kernel.newId(), purpose: "administration" as const, legalBasis: [], zone: "extranet" as const },
  ...{ language: "zh" as const, at: kernel.now(), principal: { kind: "node" as const, room: "events" }, ...about },
});
const keeper = frontOf(kernel, events, () => act({}));
const taker = frontOf(kernel, events, () => act({ principal: { kind: "node", room: archive.id } }));
const none = { mayPublish: false, maySubscribe: false, mayManage: false };
if (answered(await keeper.listRooms({})).items.length === 0) {
  answered(await keeper.openRoom({ room: ROOM, title: "民政", retentionDays: 30 }));
}
await keeper.defineType({ room: ROOM, type: "step", schema: {}, orderBy: "page" });
await keeper.admit({ ...none, room: ROOM, member: PUBLISHER, mayPublish: true });
await keeper.admit({ ...none, room: ROOM, member: `room:${archive.id}`, maySubscribe: true, target: "note" });
await taker.subscribe({ room: ROOM, member: `room:${archive.id}`, type: "step", delivery: "PUSH" });

const distribution = new Distribution({
  kernel,
  onFault: (fault) => {
    throw fault;
  },
  onStep: step,
});
for (let number = 0; number < EVENTS; number++) {
  const idempotencyKey = `step-${number}`;
  const publisher = frontOf(kernel, events, () => act({ origin: { node: "here", client: PUBLISHER }, idempotencyKey }));
  const event = { page: PERSONS[number % PERSONS.length], value: String(number) };
  step();
  answered(await publisher.publish({ room: ROOM, member: PUBLISHER, events: [{ type: "step", event }] }));
  step();
  process.stdout.write(`published ${number} ${event.page}\n`);
  if (number % PERSONS.length === 1) await distribution.settle();
}
await distribution.settle();
process.stdout.write("done\n");
await database.close();
