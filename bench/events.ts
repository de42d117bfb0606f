/**
 * Events, durable at each step: one publisher, three subscribers that pull and acknowledge, the same over pushes by HTTP to three systems on this machine, and acts that
 * publish one event each. Publishing, distribution, ledger, subscribers and PostgreSQL share the machine. The peer: the same number of
 * events written and read three times with bare statements, in the same batches. Run alone: `node bench/events.ts`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { events } from "#infrastructure/events";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { migrate } from "#kernel/database/migrations";
import type { Database } from "#kernel/database/sql";
import { frontOf } from "#kernel/http/pages";
import { migrateJobs } from "#kernel/jobs/jobs";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import { ed25519FromSeed } from "#lib/crypto/keys";
import { Distribution } from "../src/infrastructure/events/distribution.ts";
import eventsSystem from "../src/infrastructure/events/system.ts";
import { composeKernel } from "../src/node/compose.ts";
import { migrationSets } from "../src/node/migration-sets.ts";
import { withDatabase } from "./procedures.ts";

const ROOM = "CN/GOV/990101/bench";
const PUBLISHER = "CN/GOV/990101/publisher";
const SUBSCRIBERS = 3;
const ACT_EVENTS = 50;
const ACTS_UNDER_WAY = 4;
const PULLED_EVENTS = 200;
const PULLED = 12_000;
const PUSHED = 3_000;
const SINGLE = 2_000;
const KEYS = 100;
const GOAL_DELIVERED = 3_000;

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: number;
}

async function bench(database: Database, folder: string): Promise<readonly Figure[]> {
  await migrate(database, await migrationSets());
  await migrateJobs(database.url);
  const kernel = await composeKernel({
    database,
    systems: [eventsSystem],
    keys: { masterKey: () => new Uint8Array(32).fill(7) },
    checkpointSigner: checkpointSigner("events.bench.example", ed25519FromSeed(new Uint8Array(32).fill(4))),
    filesFolder: folder,
    zone: "extranet",
    authorityOf: () => "00000000-0000-4000-8000-000000000001",
  });
  kernel.ledger.start();
  const as = (client?: string) =>
    frontOf(kernel, events, () => ({
      ...{ id: kernel.newId(), principal: { kind: "node", room: "events" }, purpose: "administration", legalBasis: [] },
      ...{ zone: "extranet", language: "zh", at: kernel.now(), idempotencyKey: kernel.newId() },
      ...(client && { origin: { node: "here", client } }),
    }));
  const keeper = as();
  answered(await keeper.openRoom({ room: ROOM, title: "bench", retentionDays: 1 }));
  const none = { mayPublish: false, maySubscribe: false, mayManage: false };
  answered(await keeper.admit({ ...none, room: ROOM, member: PUBLISHER, mayPublish: true }));
  const schema = { type: "object", required: ["person", "number"], properties: { number: { type: "integer" } } };
  for (const type of ["pulled", "pushed", "single"]) {
    answered(await keeper.defineType({ room: ROOM, type, schema, orderBy: "person" }));
  }
  const distribution = new Distribution({ kernel, onFault: (fault) => console.error(fault) });
  await distribution.start();

  const publisher = as(PUBLISHER);
  const publish = async (type: string, count: number, each: number) => {
    let next = 0;
    const worker = async () => {
      while (next < count) {
        const from = next;
        next += each;
        const made = Array.from({ length: Math.min(each, count - from) }, (_, place) => ({
          type,
          event: {
            person: `person ${(from + place) % KEYS}`,
            number: from + place,
            place: "清源县人民医院",
            note: "x".repeat(100),
          },
        }));
        answered(await publisher.publish({ room: ROOM, member: PUBLISHER, events: made }));
      }
    };
    await Promise.all(Array.from({ length: ACTS_UNDER_WAY }, worker));
  };
  const admit = async (member: string, target?: string) =>
    answered(await keeper.admit({ ...none, room: ROOM, member, maySubscribe: true, ...(target && { target }) }));

  const readers = Array.from({ length: SUBSCRIBERS }, (_, place) => `CN/GOV/990101/reader-${place}`);
  for (const member of readers) {
    await admit(member);
    answered(await as(member).subscribe({ room: ROOM, member, type: "pulled", delivery: "PULL" }));
  }
  const read = async (member: string) => {
    const doors = as(member);
    const where = { room: ROOM, member, type: "pulled" };
    for (let got = 0; got < PULLED; ) {
      const { items } = answered(await doors.pull({ ...where, limit: PULLED_EVENTS }));
      if (items.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        continue;
      }
      answered(await doors.acknowledge({ ...where, ids: items.map(({ id }) => id) }));
      got += items.length;
    }
  };
  const pulled = await secondsOf(async () => {
    await Promise.all([publish("pulled", PULLED, ACT_EVENTS), ...readers.map(read)]);
  });

  let taken = 0;
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      taken += 1;
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  for (let place = 0; place < SUBSCRIBERS; place++) {
    const member = `CN/GOV/990101/system-${place}`;
    await admit(member, `http://127.0.0.1:${port}/${place}`);
    answered(await as(member).subscribe({ room: ROOM, member, type: "pushed", delivery: "PUSH" }));
  }
  const pushed = await secondsOf(async () => {
    await publish("pushed", PUSHED, ACT_EVENTS);
    while (taken < PUSHED * SUBSCRIBERS) await new Promise((resolve) => setTimeout(resolve, 5));
  });
  const single = await secondsOf(() => publish("single", SINGLE, 1));
  await distribution.stop();
  await kernel.ledger.stop();
  await new Promise((resolve) => server.close(resolve));
  const peer = await secondsOf(() => bare(database));
  const delivered = (PULLED * SUBSCRIBERS) / pulled;
  const bareRate = (PULLED * SUBSCRIBERS) / peer;
  return [
    { name: "delivered: 1 publisher, 3 subscribers that pull", value: delivered, unit: "/s", goal: GOAL_DELIVERED },
    { name: "delivered: 1 publisher, 3 systems pushed by HTTP", value: (PUSHED * SUBSCRIBERS) / pushed, unit: "/s" },
    { name: "acts that publish one event each", value: SINGLE / single, unit: "/s" },
    { name: "bare rows written, read and deleted 3 times", value: bareRate, unit: "/s" },
    { name: "delivered, to bare rows", value: delivered / bareRate, unit: "×" },
  ];
}

/** The same events as rows, without promises: in one table for each reader. */
async function bare(database: Database): Promise<void> {
  await database.query("CREATE TABLE public.bench_event (reader int, id bigint, body text, PRIMARY KEY (reader, id))");
  const body = "x".repeat(200);
  let next = 0;
  const worker = async () => {
    while (next < PULLED) {
      const from = next;
      next += ACT_EVENTS;
      await database.execute(
        "INSERT INTO public.bench_event SELECT r, $1 + i, $2 FROM generate_series(1, $3) r, generate_series(0, $4) i",
        [from, body, SUBSCRIBERS, ACT_EVENTS - 1],
      );
    }
  };
  const reader = async (place: number) => {
    for (let got = 0; got < PULLED; ) {
      const rows = await database.query<{ id: number }>(
        "SELECT id, body FROM public.bench_event WHERE reader = $1 ORDER BY id LIMIT $2",
        [place, PULLED_EVENTS],
      );
      got += await database.execute("DELETE FROM public.bench_event WHERE reader = $1 AND id = ANY($2)", [
        place,
        rows.map(({ id }) => id),
      ]);
    }
  };
  await Promise.all([
    ...Array.from({ length: ACTS_UNDER_WAY }, worker),
    ...Array.from({ length: SUBSCRIBERS }, (_, place) => reader(place + 1)),
  ]);
}

function answered<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`${answer.room}.${answer.code}: ${answer.text.en}`);
  return answer as T;
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-events-"));
  try {
    for (const { name, value, unit, goal } of await withDatabase((database) => bench(database, folder))) {
      const target = goal === undefined ? "" : `   goal ≥ ${goal} ${unit}`;
      console.log(`${name.padEnd(50)} ${value.toFixed(unit === "/s" ? 0 : 2).padStart(9)} ${unit}${target}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
