import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { catalogue } from "#infrastructure/catalogue";
import { directory } from "#infrastructure/directory";
import { frontOf } from "#kernel/http/pages";
import type { Principal } from "#kernel/system/act";
import { authorityId, authorityOf } from "#lib/directory/testing";
import { putInForce } from "../../src/infrastructure/catalogue/policies-in-force.ts";
import catalogueRoom from "../../src/infrastructure/catalogue/system.ts";
import directoryRoom from "../../src/infrastructure/directory/system.ts";
import { Country } from "../harness/exchange-nodes.ts";
import { births, clerk, people, systems } from "../harness/exchange-rooms.ts";
import { answered, refused } from "../rooms/answers.ts";
import { describedAs } from "../rooms/sharing-county.ts";

/** An official of the county asks, in her own workbench, for what the province keeps. */

const RESOURCE = "people.findPerson";
const both = (name: string) => ({ zh: name, en: name });
const words = "依职责办理";
const keepers: Record<string, string> = {};
let country: Country;
let officials: Record<"requester" | "steward" | "reviewer", Principal>;

const rooms = [directoryRoom, catalogueRoom, ...systems];
const official = (id: number, authority: string, division: string, ...duties: readonly string[]): Principal => ({
  kind: "official",
  id: `00000000-0000-4000-8000-0000000001${String(id).padStart(2, "0")}`,
  assurance: 2,
  post: {
    id: `00000000-0000-4000-8000-0000000002${String(id).padStart(2, "0")}`,
    ...{ title: both("岗位"), authority, authorityName: both("机关"), duties, division },
  },
});

before(async () => {
  country = await Country.open(
    {
      ...{ code: "province", division: "990000", systems: rooms, hosts: ["people"], said: { above: undefined } },
      authorityOf: (room) => keepers[room] ?? "",
    },
    {
      ...{ code: "county", division: "990101", systems: rooms, hosts: ["births"], authorities: [1] },
      ...{ said: { above: "province" }, authorityOf: () => authorityId(1) },
    },
  );
  const doors = country.node("province").as(directory, { kind: "node", room: "test" }, { purpose: "administration" });
  const authority = async (code: string, parent?: string) =>
    answered(
      await doors.createAuthority({
        ...{
          code,
          name: both(code),
          division: "990000",
          ...(parent && { parent }),
          kind: "other",
          address: "省前街1号",
        },
        ...{ phone: "0999-990-0001", reconsideration: both("复议机关"), court: both("法院") },
      }),
    ).id;
  const government = await authority("990000-zf");
  const police = await authority("990000-ga", government);
  keepers["people"] = police;
  country.list(
    authorityOf(11, "990000", { id: government, code: "990000-zf" }),
    authorityOf(10, "990100"),
    authorityOf(12, "990000", { id: police, code: "990000-ga", parent: government }),
  );
  officials = {
    requester: official(1, authorityId(1), "990101", "catalogue.read", "catalogue.request"),
    steward: official(2, police, "990000", "catalogue.read", "catalogue.steward"),
    reviewer: official(3, police, "990000", "catalogue.read", "catalogue.review"),
  };
  const keeper = (who: "steward" | "reviewer") =>
    country.node("province").as(catalogue, officials[who], { purpose: "administration" });
  const { attributes } = answered(await keeper("steward").findResource({ resource: RESOURCE }));
  const { number } = answered(
    await keeper("steward").describeResource({
      resource: RESOURCE,
      description: describedAs(attributes, "conditional"),
    }),
  );
  answered(await keeper("reviewer").reviewEntry({ number, decision: "released", reason: words }));
  await putInForce(country.node("province").kernel.database, country.node("province").kernel.now());
});
after(() => country.close());

/** As a page of the county's workbench calls the province's catalogue. */
function there(principal: Principal, idempotencyKey?: string, at = "province") {
  const { kernel, act } = country.node("county");
  return frontOf(kernel, catalogue, () => act(principal, { purpose: "administration", idempotencyKey }), { at });
}
const here = () => country.node("county").as(catalogue, officials.requester, { purpose: "administration" });
const steward = () => country.node("province").as(catalogue, officials.steward, { purpose: "administration" });
const content = (...named: readonly string[]) => ({
  ...{ attributes: ["name", "number"], purpose: "登记出生时核对母亲", purposes: ["case" as const] },
  ...{ law: "户口登记条例", article: "第七条", perDay: 100, total: 1_000, until: "2027-06-30" },
  ...{ systems: [...named], noOnwardUse: true as const },
});

let number = 0;
let grant = 0;

test("she sees the other node's catalogue, and asks; sent twice it is one request", async () => {
  const { items } = answered(await there(officials.requester).listResources({}));
  assert.deepEqual(
    items.map(({ id, sharing }) => [id, sharing]).filter(([id]) => id === RESOURCE),
    [[RESOURCE, "conditional"]],
  );
  assert.ok(!answered(await here().listResources({})).items.some(({ id }) => id === RESOURCE), "it is not kept here");
  const ask = (key: string, ...named: readonly string[]) =>
    there(officials.requester, key).requestData({ resource: RESOURCE, content: content(...named) });
  refused(await ask("rooms there are not hers", "people"), "systems-wrong");
  refused(await ask("another node is not hers", "node:province"), "systems-wrong");
  number = answered(await ask("once", "node:county")).number;
  assert.equal(answered(await ask("once", "node:county")).number, number);
  const title = both("查询人员");
  answered(await here().noteAsked({ node: "province", number, resource: RESOURCE, title }));
  assert.deepEqual(
    answered(await here().listAsked({})).items.map((one) => [one.node, one.number, one.resource]),
    [["province", number, RESOURCE]],
  );
});

test("it is dealt with by the clocks of the node that keeps the resource; she completes it from hers", async () => {
  const mine = answered(await steward().listMatters({ mine: true })).items;
  assert.deepEqual(
    mine.map((one) => [one.number, one.consumer, one.clock?.amount]),
    [[number, authorityId(1), 10]],
  );
  // Nobody but the government stands above both.
  assert.equal(mine[0]?.coordinator, mine[0]?.government);
  answered(await steward().askCompletion({ number, missing: ["使用场景"] }));
  const seen = answered(await there(officials.requester).findMatter({ number }));
  assert.deepEqual([seen.state, seen.steps.includes("complete")], ["incomplete", true]);
  answered(await there(officials.requester, "complete").completeRequest({ number, words: "办理出生登记时" }));
  grant = answered(await steward().consentRequest({ number, words })).grant;
  assert.equal(answered(await there(officials.requester).findMatter({ number: grant })).state, "active");
});

test("her node's rooms then get the data under the grant, and both sides see the use", async () => {
  const province = country.node("province");
  const keeping = province.as(people, { kind: "node", room: "people" }, { purpose: "register-keeping" });
  const mother = answered(await keeping.addPerson({ name: "许昇", number: "n-1" })).id;
  const register = (child: string) =>
    country
      .node("county")
      .as(births, clerk, { purpose: "case", idempotencyKey: child })
      .registerBirth({ mother, child });
  refused(await register("before"), "mother-unknown");
  await putInForce(province.kernel.database, province.kernel.now());
  assert.equal(answered(await register("after")).name, "许昇");
  const { items, standing } = answered(await there(officials.requester).usesOfGrant({ number: grant }));
  assert.equal(standing.used, 1);
  assert.deepEqual(
    items.map(({ system, purpose }) => [system, purpose]),
    [["node:county", "case"]],
  );
});

test("whom a node does not speak for, and what cannot be reached, is told so", async () => {
  refused(await there(officials.steward).findMatter({ number }), "denied");
  refused(await there(officials.requester, undefined, "nowhere").listResources({}), "unavailable");
  const { kernel } = country.node("province");
  const { records } = await kernel.ledger.byActor(
    { kind: "official", id: (officials.requester as { id: string }).id },
    { limit: 20 },
  );
  assert.ok(
    records.some(({ leaf, content: entry }) => leaf.operation === "requestData" && entry?.origin?.node === "county"),
    "it is on the record of the node that was asked",
  );
});
