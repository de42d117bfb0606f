/**
 * Publishes, distributes and takes events on the database that DATABASE_URL names, and ends itself with SIGKILL after so many steps
 * (KILL_AFTER). Says `published <n>` for each event whose publishing was acknowledged, and `done` when nothing is left.
 */
import { z } from "zod";
import { events } from "#infrastructure/events";
import { command, defineContract } from "#kernel/contract/contract";
import { openDatabase } from "#kernel/database/database";
import { frontOf } from "#kernel/http/pages";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { defineSystem } from "#kernel/system/system";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { text } from "#lib/language/text";
import { Distribution } from "../../src/infrastructure/events/distribution.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { composeKernel } from "../../src/node/compose.ts";
import { answered, PUBLISHER, ROOM } from "../rooms/event-node.ts";

/** Events, and the persons whom they tell of in turn: each is a key. */
const EVENTS = 6;
const PERSONS = ["one", "two"];

const Step = z.object({ mother: z.string().max(40), number: z.int() });

/** Counts what it took, by person: a step that is not the next one of its person is noted as such. */
const taking = defineContract({
  id: "taking",
  version: "1.0",
  title: text("接收", "Taking"),
  steward: text("测试", "Test"),
  operations: {
    take: command({
      ...{ audience: ["node"], legalBasis: [], refusals: {}, title: text("收", "Take"), output: z.object({}) },
      input: z.object({ id: z.uuid(), data: Step }),
    }),
  },
});
const takes = defineSystem(taking, {
  operations: {
    async take(ctx, { data }) {
      const place = await ctx.nextNumber(`taken ${data.mother}`);
      if (place !== data.number) await ctx.nextNumber(`wrong ${data.mother} ${data.number} came as ${place}`);
      return {};
    },
  },
});

let left = Number(process.env["KILL_AFTER"] ?? "0");
function step(): void {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
}

const database = await openDatabase({ url: process.env["DATABASE_URL"] ?? "" });
const kernel = await composeKernel({
  database,
  systems: [eventsSystem, takes],
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
const taker = frontOf(kernel, events, () => act({ principal: { kind: "node", room: "taking" } }));
const none = { mayPublish: false, maySubscribe: false, mayManage: false };
if (answered(await keeper.listRooms({})).items.length === 0) {
  answered(await keeper.openRoom({ room: ROOM, title: "民政", retentionDays: 30 }));
}
await keeper.defineType({ room: ROOM, type: "step", schema: {}, orderBy: "mother" });
await keeper.admit({ ...none, room: ROOM, member: PUBLISHER, mayPublish: true });
await keeper.admit({ ...none, room: ROOM, member: "room:taking", maySubscribe: true, target: "take" });
await taker.subscribe({ room: ROOM, member: "room:taking", type: "step", delivery: "PUSH" });

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
  const event = { mother: PERSONS[number % PERSONS.length], number: Math.floor(number / PERSONS.length) + 1 };
  step();
  answered(await publisher.publish({ room: ROOM, member: PUBLISHER, events: [{ type: "step", event }] }));
  step();
  process.stdout.write(`published ${number}\n`);
  if (number % PERSONS.length === 1) await distribution.settle();
}
await distribution.settle();
process.stdout.write("done\n");
await database.close();
