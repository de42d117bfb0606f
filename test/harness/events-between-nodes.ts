import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { events } from "#infrastructure/events";
import { doorRefusal } from "#kernel/contract/door-refusals";
import type { NodeProofs } from "#kernel/ports";
import type { Act } from "#kernel/system/act";
import { exchangeLinks, type NodeLinks, provenFor } from "../../src/infrastructure/events/between-nodes.ts";
import { Distribution } from "../../src/infrastructure/events/distribution.ts";
import { NatsLinks } from "../../src/infrastructure/events/nats/nats-links.ts";
import eventsSystem from "../../src/infrastructure/events/system.ts";
import { openTransit, TRANSIT_ROOM } from "../../src/infrastructure/events/transit.ts";
import { answered, PUBLISHER } from "../rooms/event-node.ts";
import { Country, type ExchangeNode } from "./exchange-nodes.ts";
import type { NatsServer } from "./nats-server.ts";

const ROOM = "CN/GOV/990101/civil-affairs";
const TYPE = "newBirth";
const CODES = ["centre", "province", "city", "county"] as const;
const ABOVE: Readonly<Record<string, string>> = { county: "city", city: "province", province: "centre" };
const DIVISIONS = { centre: "000000", province: "990000", city: "990100", county: "990101" };

let country: Country;
let between: Between | undefined;
const opened: NatsLinks[] = [];
const faults: unknown[] = [];
const distributions = new Map<string, Distribution>();
/** Nodes that cannot be reached just now. */
const cut = new Set<string>();

async function open(transport: EventsTransport): Promise<void> {
  between = await transport.open?.();
  country = await Country.open(
    ...CODES.map((code) => ({
      ...{ code, division: DIVISIONS[code], systems: [eventsSystem], hosts: [] },
      said: { above: ABOVE[code] },
    })),
  );
  for (const code of CODES) {
    const { kernel } = country.node(code);
    const over = await linksOf(code);
    const links: NodeLinks = { ...over, hand: (hop, handing) => (cut.has(hop) ? away() : over.hand(hop, handing)) };
    distributions.set(code, new Distribution({ kernel, links, onFault: (fault) => assert.ifError(fault) }));
    await openTransit(kernel.database, kernel.now());
    const keeper = keeperOf(code);
    answered(await keeper.openRoom({ room: ROOM, title: "民政", retentionDays: 30 }));
    answered(await keeper.defineType({ room: ROOM, type: TYPE, schema: { required: ["mother"] }, orderBy: "mother" }));
  }
  const none = { mayPublish: false, maySubscribe: false, mayManage: false };
  await keeperOf("county").admit({ ...none, room: ROOM, member: PUBLISHER, mayPublish: true });
  await keeperOf("county").admit({ ...none, room: ROOM, member: "node:centre", maySubscribe: true });
  answered(
    await asNode("county", "centre").subscribe({ room: ROOM, member: "node:centre", type: TYPE, delivery: "PUSH" }),
  );
  await keeperOf("city").admit({ ...none, room: TRANSIT_ROOM, member: "node:county", mayPublish: true });
  await keeperOf("province").admit({ ...none, room: TRANSIT_ROOM, member: "node:city", mayPublish: true });
  await keeperOf("centre").admit({ ...none, room: ROOM, member: "node:county", mayPublish: true });
  await keeperOf("centre").admit({ ...none, room: ROOM, member: "node:province" });
  await keeperOf("centre").admit({ ...none, room: ROOM, member: READER, maySubscribe: true });
  answered(await reader().subscribe({ room: ROOM, member: READER, type: TYPE, delivery: "PULL" }));
  await between?.ready?.();
}

async function close(): Promise<void> {
  for (const links of opened.splice(0)) await links.close();
  await between?.stop();
  between = undefined;
  await country.close();
}

async function linksOf(code: string): Promise<NodeLinks> {
  const { kernel, identity } = country.node(code);
  const above = (node: string) => country.view(code).node(node)?.above;
  if (between === undefined) return exchangeLinks(kernel, above) as NodeLinks;
  const links = await NatsLinks.open({
    ...{ url: between.urlOf(code), kernel, self: code, above, signer: identity.signer },
    peer: (node) => country.view(code).node(node),
    onFault: (fault) => faults.push(fault),
    answerTimeoutMs: 2_000,
  });
  opened.push(links);
  return links;
}

const proofsOf = (code: string): NodeProofs => {
  const proofs = country.node(code).kernel.elsewhere?.proofs;
  assert.ok(proofs);
  return proofs;
};
const NO_LINKS = { self: "", above: () => undefined, hand: async () => undefined };
const READER = "CN/GOV/000000/statistics";
const away = async () => doorRefusal("events", "unavailable");

function front(node: ExchangeNode, about: Partial<Act>) {
  return node.as(events, { kind: "node", room: "events" }, { purpose: "administration", ...about });
}
const keeperOf = (code: string) => front(country.node(code), {});
const asNode = (code: string, from: string) => front(country.node(code), { origin: { node: from } });
const reader = () => front(country.node("centre"), { origin: { node: "centre", client: READER } });

async function publish(numbers: readonly number[], mother = "m") {
  const doors = front(country.node("county"), { origin: { node: "county", client: PUBLISHER } });
  const made = numbers.map((number) => ({ type: TYPE, event: { mother, number } }));
  return answered(await doors.publish({ room: ROOM, member: PUBLISHER, events: made })).ids;
}

/** Each node does what is due on it, one after the other, so often that everything has come as far as it can. */
async function settle(): Promise<void> {
  for (const code of [...CODES].reverse()) await distributions.get(code)?.settle();
}

async function arrived() {
  const { items } = answered(await reader().pull({ room: ROOM, member: READER, type: TYPE, limit: 500 }));
  if (items.length > 0) {
    const ids = items.map(({ id }) => id);
    answered(await reader().acknowledge({ room: ROOM, member: READER, type: TYPE, ids }));
  }
  return items.map(({ id, event, publisher }) => ({ id, publisher, number: (event as { number: number }).number }));
}

/** What stands between the nodes. */
export interface Between {
  readonly urlOf: (code: string) => string;
  /** The one server, where there is one. */
  readonly server?: NatsServer;
  /** Resolves when what each node publishes would reach the others. */
  readonly ready?: () => Promise<void>;
  stop(): Promise<void>;
}

export interface EventsTransport {
  readonly name: string;
  readonly skip: string | false;
  /** Absent: nodes talk to each other over the exchange. */
  readonly open?: () => Promise<Between>;
}

/** What tests of one transport alone do. */
export interface EventsTravel {
  publish(numbers: readonly number[]): Promise<unknown>;
  /** Each node does what is due on it, an hour later. */
  settleLater(): Promise<void>;
  arrived(): Promise<readonly number[]>;
}

let hours = 0;
const travel: EventsTravel = {
  publish: (numbers) => publish(numbers),
  async settleLater() {
    hours += 1;
    const now = new Date(Date.parse("2026-11-20T00:00:00.000Z") + hours * 3_600_000).toISOString();
    for (const code of CODES) country.node(code).setNow(now);
    await settle();
  },
  arrived: async () => (await arrived()).map(({ number }) => number),
};

/** Holds events between nodes to what they promise, over one transport. */
export function eventsBetweenNodes(transport: EventsTransport, further?: (travel: EventsTravel) => void): void {
  describe(`events between nodes, over ${transport.name}`, { skip: transport.skip }, () => {
    before(() => open(transport));
    after(close);
    test("go from county to centre by city and province, each hop safe before the one before it lets go", async () => {
      const ids = await publish([1, 2, 3]);
      await settle();
      assert.deepEqual(
        await arrived(),
        ids.map((id, place) => ({ id, publisher: PUBLISHER, number: place + 1 })),
      );
      for (const code of CODES) {
        const left = await country
          .node(code)
          .kernel.database.query("SELECT 1 FROM events.delivery UNION ALL SELECT 1 FROM act.event");
        assert.equal(left.length, 0, `nothing waits at ${code}`);
      }
    });

    test("wait at the last node that could be reached, and arrive in order when it is there again", async () => {
      cut.add("centre");
      await publish([4, 5]);
      await settle();
      await publish([6]);
      await settle();
      assert.deepEqual(await arrived(), []);
      const waiting = answered(await keeperOf("province").listQueues({ room: TRANSIT_ROOM })).items;
      assert.deepEqual(
        waiting.map(({ type, waiting }) => [type, waiting]),
        [["to.centre", 3]],
      );
      assert.match(waiting[0]?.lastError ?? "", /unavailable/);
      cut.delete("centre");
      for (const code of CODES) country.node(code).setNow("2026-11-18T02:30:00.000Z");
      await settle();
      assert.deepEqual(
        (await arrived()).map(({ number }) => number),
        [4, 5, 6],
      );
    });

    test("come once, though an answer was lost on the way", async () => {
      const ids = await publish([7]);
      await distributions.get("county")?.settle();
      // The province took it, and the city never heard of it.
      const parcels = await Promise.all(
        ids.map((id) => {
          const about = { origin: "county", id, room: ROOM, type: TYPE, key: "m", publisher: PUBLISHER };
          const parcel = { ...about, at: country.node("county").kernel.now(), event: { mother: "m", number: 7 } };
          return provenFor({ ...NO_LINKS, sign: proofsOf("county").sign }, "centre", parcel);
        }),
      );
      answered(await asNode("province", "city").forward({ destination: "centre", parcels }));
      await settle();
      assert.deepEqual(
        (await arrived()).map(({ number }) => number),
        [7],
      );
    });

    test("wait while the server between them is killed, and arrive once it is back", {
      skip: transport.name === "nats" ? false : "no single server stands between them",
    }, async () => {
      await between?.server?.without(async () => {
        await publish([8, 9]);
        await distributions.get("county")?.settle();
        assert.deepEqual(await arrived(), []);
      });
      let numbers: readonly number[] = [];
      for (let hour = 3; numbers.length < 2 && hour < 24; hour++) {
        for (const code of CODES) country.node(code).setNow(`2026-11-18T${String(hour).padStart(2, "0")}:00:00.000Z`);
        await settle();
        numbers = [...numbers, ...(await arrived()).map(({ number }) => number)];
      }
      assert.deepEqual(numbers, [8, 9]);
    });

    test("of a node that was not admitted, or was brought by one, do not come in", async () => {
      const parcel = {
        ...{ origin: "county", id: country.node("city").kernel.newId(), room: ROOM, type: TYPE, publisher: PUBLISHER },
        ...{ at: "2026-11-18T02:00:00Z", event: { mother: "m" } },
      };
      const refused = async (code: string, from: string, change: object = {}) =>
        answered(await asNode(code, from).receive({ parcels: [{ ...parcel, ...change }] })).refused?.code;
      assert.equal(await refused("centre", "city"), "not-admitted", "the city brings nothing to the centre");
      assert.equal(await refused("centre", "province", { origin: "city" }), "not-admitted");
      assert.equal(await refused("centre", "province", { room: "CN/GOV/1/other" }), "room-unknown");
      assert.equal(await refused("centre", "province", { event: {} }), "invalid-event");
      assert.equal(await refused("centre", "province"), "not-admitted", "the county did not sign it");
      const links = { ...NO_LINKS, sign: proofsOf("county").sign };
      const proven = await provenFor(links, "centre", parcel);
      const changed = { ...proven, event: { mother: "n" } };
      assert.equal(await refused("centre", "province", changed), "not-admitted", "the province changed it");
      const elsewhere = await provenFor(links, "city", parcel);
      assert.equal(await refused("centre", "province", elsewhere), "not-admitted", "it is for another");
      const others = await provenFor({ ...links, sign: proofsOf("province").sign }, "centre", parcel);
      assert.equal(await refused("centre", "province", others), "not-admitted", "the province signed it");
      assert.equal(await refused("centre", "province", proven), undefined);
      await settle();
      assert.equal((await arrived()).length, 1);
      const passed = await asNode("centre", "county").forward({ destination: "province", parcels: [parcel] });
      assert.equal((passed as { code?: string }).code, "not-admitted");
      assert.equal(
        ((await keeperOf("centre").receive({ parcels: [parcel] })) as { code?: string }).code,
        "not-admitted",
      );
    });
    further?.(travel);
  });
}
