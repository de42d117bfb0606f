import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { exchange } from "#infrastructure/exchange";
import type { Principal } from "#kernel/system/act";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import exchangeSystem from "../../src/infrastructure/exchange/system.ts";
import { type OpenEdge, openEdge } from "../../src/infrastructure/exchange/xroad/edge.ts";
import { putRegistrationsInForce } from "../../src/infrastructure/exchange/xroad/in-force.ts";
import { insertRegistration } from "../../src/infrastructure/exchange/xroad/registration.ts";
import { Country, type ExchangeNode } from "../harness/exchange-nodes.ts";
import { clerk, people, systems } from "../harness/exchange-rooms.ts";
import { answered } from "../rooms/answers.ts";
import { ask, type Identity, identity } from "../rooms/edge-county.ts";

/** The county keeps no people: the centre does. A foreign system comes to the county's edge. */
const CLIENT = "ZT/COM/91990101MA0000001X/orders";
const SERVICE = "ZT/GOV/000000-ga/people/v1";
const UNTIL = "2099-01-01T00:00:00.000Z";
const both = (name: string) => ({ zh: name, en: name });
const legalBasis = [{ law: both("测试法"), article: "第一条" }];

let country: Country;
let county: ExchangeNode;
let centre: ExchangeNode;
let edge: OpenEdge;
let own: Identity;
let system: Identity;

before(async () => {
  const rooms = [...systems, directorySystem, exchangeSystem];
  country = await Country.open(
    { code: "centre", division: "000000", systems: rooms, hosts: ["people"] },
    { code: "county", division: "990101", systems: rooms, hosts: ["births"], authorities: [1] },
  );
  county = country.node("county");
  centre = country.node("centre");
  [own, system] = [await identity(), await identity("client.example")];
  edge = await openEdge({
    kernel: county.kernel,
    own: { key: own.key, certificate: own.certificate },
    host: "127.0.0.1",
    port: 0,
    onFault: () => undefined,
  });
  const offices = county.as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
  answered(
    await offices.createAuthority({
      ...{
        code: "000000-ga",
        name: both("公安部门"),
        division: "990101",
        kind: "other",
        address: "一号",
        phone: "0999-990-0001",
      },
      ...{ reconsideration: both("机关"), court: both("法院") },
    }),
  );
});
after(async () => {
  await edge.close();
  await country.close();
});

function official(number: number): Principal {
  const id = (of: number) => `00000000-0000-4000-8000-0000000001${number}${of}`;
  const post = { ...clerk.post, id: id(1), duties: ["exchange.register", "exchange.decide"] };
  return { kind: "official", id: id(2), post, assurance: 2 };
}

const call = (id: string) =>
  ask({ port: edge.port, certificate: own.certificate }, `/r1/${SERVICE}/findPerson`, {
    ...{ as: system, method: "POST", body: JSON.stringify({ id }) },
    headers: { "X-Road-Client": CLIENT, "Content-Type": "application/json" },
  });

test("a foreign system at one node's edge asks a room that another keeps, where that node has a right for it too", async () => {
  const mother = answered(await centre.as(people, clerk).addPerson({ name: "母亲", number: "K1" }));
  const [one, other] = [
    county.as(exchange, official(1), { purpose: "administration" }),
    county.as(exchange, official(2), { purpose: "administration" }),
  ];
  const proposed = answered(
    await one.proposeSystem({
      ...{
        memberClass: "COM",
        memberCode: "91990101MA0000001X",
        subsystem: "orders",
        name: both("订单"),
        contact: "x",
      },
      ...{ certificate: system.certificate, perMinute: 600, reason: "x" },
    }),
  );
  for (const id of [proposed.id, proposed.certificate])
    answered(await other.decideRegistration({ id, decision: "approved", reason: "x" }));
  const right = answered(
    await one.proposeRight({
      client: CLIENT,
      service: SERVICE,
      endpoints: ["findPerson"],
      purpose: "case",
      legalBasis,
      until: UNTIL,
      reason: "x",
    }),
  );
  answered(await other.decideRegistration({ id: right.id, decision: "approved", reason: "x" }));
  await putRegistrationsInForce(county.kernel.database, county.kernel.now());

  const denied = await call(mother.id);
  assert.equal(
    denied.headers["x-road-error"],
    "Server.ServerProxy.AccessDenied",
    "the node that keeps the room decides for itself",
  );

  await rightAtCentre();
  const found = await call(mother.id);
  assert.equal(found.status, 200, found.body);
  assert.equal(JSON.parse(found.body).name, "母亲");
  for (const node of [centre, county]) {
    const { records } = await node.kernel.ledger.bySubject({ kind: "person", id: mother.id }, {});
    const look = records.find(({ leaf }) => leaf.type === "exchange" && leaf.operation === "findPerson");
    assert.equal(look?.content?.origin?.client, CLIENT, node.code);
    assert.equal(look.content.origin.node, "county", node.code);
  }
});

/** As two officials at the centre decided. */
async function rightAtCentre(): Promise<void> {
  const { database } = centre.kernel;
  const id = centre.kernel.newId();
  const authority = clerk.post.authority;
  await insertRegistration(database, {
    ...{
      id,
      kind: "right",
      authority,
      about: CLIENT,
      reason: "x",
      by: clerk.id,
      post: clerk.post.id,
      at: centre.kernel.now(),
    },
    content: {
      client: CLIENT,
      node: "county",
      service: SERVICE,
      endpoints: ["findPerson"],
      purpose: "case",
      legalBasis,
      until: UNTIL,
    },
  });
  await database.execute(
    `UPDATE exchange.registration SET decision = 'approved', decided_by = $2, decided_post = $3, decided_at = proposed_at,
       decision_reason = 'x' WHERE id = $1`,
    [id, centre.kernel.newId(), centre.kernel.newId()],
  );
  await putRegistrationsInForce(database, centre.kernel.now());
}
