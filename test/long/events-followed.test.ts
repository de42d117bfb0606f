import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { events } from "#infrastructure/events";
import { command, defineContract, event, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { jsonSchemaOf } from "#kernel/derived/json-schema";
import { defineSystem } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { exchangeLinks, type NodeLinks, provenFor } from "../../src/infrastructure/events/between-nodes.ts";
import { contractRoomCode, ensureContractTypes } from "../../src/infrastructure/events/contract-types.ts";
import { Distribution } from "../../src/infrastructure/events/distribution.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { openTransit, TRANSIT_ROOM } from "../../src/infrastructure/events/transit.ts";
import { Country } from "../harness/exchange-nodes.ts";
import { answered, refused } from "../rooms/answers.ts";

/** What a room of the county publishes reaches a room of the centre, by way of the city between them. */

const title = text("测试", "Test");
const Change = z.object({ place: z.uuid(), step: z.int().max(1000) });
const plain = { title, audience: ["node"], legalBasis: [], refusals: {}, output: z.object({}) } as const;

const places = defineContract({
  id: "places",
  version: "1.0",
  ...{ title, steward: title },
  operations: { change: command({ ...plain, input: Change }) },
  events: { changed: event({ title, payload: Change, key: "place" }) },
});
const keeping = defineSystem(places, {
  operations: {
    async change(ctx, change) {
      await ctx.emit("changed", change);
      return {};
    },
  },
});
const reading = defineContract({
  id: "reading",
  version: "1.0",
  ...{ title, steward: title },
  registers: {
    seen: register({
      title,
      schema: z.object({
        place: field(z.string().max(40), { title, lookup: "exact" }),
        steps: field(z.string().max(500), { title }),
      }),
      legalBasis: [],
      subject: { kind: "none" },
      retention: "permanent",
    }),
  },
  operations: {
    take: command({ ...plain, input: z.object({ id: z.uuid(), data: Change }) }),
    steps: command({
      ...plain,
      input: z.object({ place: z.uuid() }),
      output: z.object({ steps: z.string() }),
    }),
  },
});
/** Writes the steps of a place one behind the other: an order that is wrong, and what comes twice, shows. */
const reads = defineSystem(reading, {
  operations: {
    async take(ctx, { data: { place, step } }) {
      const found = (await ctx.registers.seen.get(place))?.value;
      const steps = [...(found === undefined ? [] : [found.steps]), String(step)].join(" ");
      await ctx.registers.seen.put({ place, steps }, { key: place });
      return {};
    },
    async steps(ctx, { place }) {
      return { steps: (await ctx.registers.seen.get(place))?.value.steps ?? "" };
    },
  },
});

const CODES = ["county", "city", "centre"] as const;
type Code = (typeof CODES)[number];
const ROOM = contractRoomCode("places");
const HERE = "zhengtong/NODE/county/places";
const READER = { room: HERE, member: "room:reading" } as const;
const may = { mayPublish: false, maySubscribe: false, mayManage: false };
const id = (number: number) => `00000000-0000-4000-8000-0000000000${String(number).padStart(2, "0")}`;

let country: Country;
const distributions = new Map<Code, Distribution>();
const cut = new Set<string>();
let hour = 2;

const kernelOf = (code: Code) => country.node(code).kernel;
const keeper = (code: Code) =>
  country.node(code).as(events, { kind: "node", room: "events" }, { purpose: "administration" });
const reader = () =>
  country.node("centre").as(events, { kind: "node", room: "reading" }, { purpose: "administration" });

before(async () => {
  const said = (above: string | undefined) => ({ said: { above } });
  const systems = [eventsSystem, keeping, reads];
  country = await Country.open(
    { code: "centre", division: "000000", systems, hosts: [], ...said(undefined) },
    { code: "city", division: "990100", systems, hosts: [], ...said("centre") },
    { code: "county", division: "990101", systems, hosts: [], ...said("city") },
  );
  for (const code of CODES) {
    const kernel = kernelOf(code);
    const links = exchangeLinks(kernel, (node) => country.view(code).node(node)?.above) as NodeLinks;
    const away = async () => (await import("#kernel/contract/door-refusals")).doorRefusal("events", "unavailable");
    distributions.set(
      code,
      new Distribution({
        kernel,
        links: { ...links, self: code, hand: (hop, handing) => (cut.has(hop) ? away() : links.hand(hop, handing)) },
        onFault: (fault) => assert.ifError(fault),
      }),
    );
    await openTransit(kernel.database, kernel.now());
    const schema = jsonSchemaOf(Change, "output");
    await ensureContractTypes(kernel, [
      { contract: "places", title: "地点", name: "changed", schema, orderBy: "place" },
    ]);
  }
  answered(await keeper("city").admit({ ...may, room: TRANSIT_ROOM, member: "node:county", mayPublish: true }));
});
after(() => country.close());

/** Each node does what is due on it, an hour later. */
async function settle(): Promise<void> {
  hour += 1;
  for (const code of CODES) country.node(code).setNow(new Date(Date.UTC(2026, 10, 18, hour)).toISOString());
  for (const code of ["centre", ...CODES] as const) await distributions.get(code)?.settle();
}

async function change(code: Code, place: number, ...steps: readonly number[]): Promise<void> {
  const door = country.node(code).as(places, { kind: "node", room: "places" }, { purpose: "register-keeping" });
  for (const step of steps) answered(await door.change({ place: id(place), step }));
}

async function stepsOf(place: number): Promise<string> {
  const door = country.node("centre").as(reading, { kind: "node", room: "reading" }, { purpose: "administration" });
  return answered(await door.steps({ place: id(place) })).steps;
}

const followed = async () => answered(await keeper("centre").listFollowed({})).items;

describe("events that a room of another node publishes", () => {
  test("are asked for by the node that wants them, and come once an official there has admitted it", async () => {
    const wanted = { node: "county", room: ROOM, type: "changed" };
    refused(await keeper("centre").follow({ ...wanted, node: "centre" }), "node-unknown");
    assert.equal(answered(await keeper("centre").follow(wanted)).here, HERE);
    refused(await keeper("centre").follow(wanted), "taken");
    refused(await reader().follow(wanted), "not-admitted");
    await settle();
    assert.deepEqual(
      (await followed()).map(({ state, lastError }) => [state, lastError]),
      [["asked", "not-admitted"]],
    );
    answered(await keeper("county").admit({ ...may, room: ROOM, member: "node:centre", maySubscribe: true }));
    await settle();
    assert.deepEqual(
      (await followed()).map(({ state, lastError, here }) => [state, lastError, here]),
      [["in-force", undefined, HERE]],
    );
    const [type] = answered(await keeper("centre").listTypes({ room: HERE })).items;
    assert.deepEqual([type?.type, type?.orderBy], ["changed", "place"]);
    answered(await keeper("centre").admit({ ...may, ...READER, maySubscribe: true, target: "take" }));
    answered(await reader().subscribe({ ...READER, type: "changed", delivery: "PUSH" }));
  });

  test("reach its room in the order of each key, each with its effect once", async () => {
    await change("county", 1, 1, 2);
    await change("county", 2, 1);
    await change("county", 1, 3);
    await settle();
    assert.deepEqual([await stepsOf(1), await stepsOf(2)], ["1 2 3", "1"]);
    const [row] = await kernelOf("centre").database.query<{ id: string; at: string; publisher: string }>(
      "SELECT id, at, publisher FROM events.event ORDER BY seq LIMIT 1",
    );
    assert.equal(row?.publisher, "room:places");
    // The city did not hear that the centre had it.
    const parcel = {
      ...{ origin: "county", id: row.id, room: ROOM, type: "changed", key: id(1), publisher: row.publisher },
      ...{ at: row.at, event: { place: id(1), step: 1 } },
    };
    const sign = kernelOf("county").elsewhere?.proofs?.sign;
    const proven = await provenFor({ self: "county", above: () => undefined, sign, hand: away }, "centre", parcel);
    const bring = (parcels: readonly (typeof proven)[]) =>
      country
        .node("centre")
        .as(events, { kind: "node", room: "events" }, { purpose: "administration", origin: { node: "city" } })
        .receive({ parcels: [...parcels] });
    assert.equal(answered(await bring([proven])).taken, 1);
    const forged = { ...proven, id: kernelOf("city").newId(), event: { place: id(1), step: 9 } };
    assert.equal(answered(await bring([forged])).refused?.code, "not-admitted", "the county did not sign it");
    await settle();
    assert.equal(await stepsOf(1), "1 2 3");
    for (const code of CODES) {
      const left = await kernelOf(code).database.query(
        "SELECT 1 FROM events.delivery UNION ALL SELECT 1 FROM act.event",
      );
      assert.equal(left.length, 0, `nothing waits at ${code}`);
    }
  });

  test("are told apart from those of the same room at home", async () => {
    await change("centre", 1, 77);
    await settle();
    assert.equal(await stepsOf(1), "1 2 3");
    const own = { room: ROOM, type: "changed", origin: "county", publisher: "room:places" };
    const parcel = {
      ...own,
      id: kernelOf("county").newId(),
      at: kernelOf("county").now(),
      event: { place: id(1), step: 5 },
    };
    const bring = await country
      .node("city")
      .as(events, { kind: "node", room: "events" }, { purpose: "administration", origin: { node: "county" } })
      .receive({ parcels: [parcel] });
    assert.equal(answered(bring).refused?.code, "room-unknown", "the city did not ask for them");
  });

  test("wait while a node on the way is away, and arrive in their order", async () => {
    cut.add("centre");
    await change("county", 1, 4);
    await settle();
    await change("county", 1, 5);
    await settle();
    assert.equal(await stepsOf(1), "1 2 3");
    cut.delete("centre");
    await settle();
    assert.equal(await stepsOf(1), "1 2 3 4 5");
  });

  test("that no longer fit what was said of them wait until this was asked anew", async () => {
    const { database } = kernelOf("centre");
    await database.execute(`UPDATE events.type t SET schema = '{"required":["more"]}' FROM events.room r
      WHERE r.id = t.room AND r.code = '${HERE}'`);
    await change("county", 1, 6);
    await settle();
    await settle();
    await settle();
    assert.equal(await stepsOf(1), "1 2 3 4 5 6");
  });

  test("end when the node wants them no more, and leave nothing waiting for it", async () => {
    const [row] = await followed();
    assert.ok(row);
    answered(await keeper("centre").unfollow({ id: row.id }));
    refused(await keeper("centre").unfollow({ id: row.id }), "subscription-unknown");
    await settle();
    assert.deepEqual(await followed(), []);
    await change("county", 1, 7);
    await settle();
    assert.equal(await stepsOf(1), "1 2 3 4 5 6");
    const queues = answered(await keeper("county").listQueues({})).items;
    assert.ok(queues.every(({ member }) => member !== "node:centre"));
    answered(await keeper("centre").follow({ node: "county", room: ROOM, type: "changed" }));
    await settle();
    assert.deepEqual(
      (await followed()).map(({ state }) => state),
      ["in-force"],
      "and can be asked for again",
    );
  });
});

const away = async () => undefined;
