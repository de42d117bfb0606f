import assert from "node:assert/strict";
import { after, test } from "node:test";
import { policySource, readPolicies } from "#kernel/access/policy-sources";
import { sharingPolicies } from "../../src/infrastructure/catalogue/policies.ts";
import { versionsOf } from "../../src/infrastructure/catalogue/policies-in-force.ts";
import { cataloguePorts } from "../../src/infrastructure/catalogue/ports.ts";
import { answered, refused } from "./answers.ts";
import { describedAs, sharingCounty } from "./sharing-county.ts";

const county = await sharingCounty();
after(county.close);
const { node, as, publicSecurity, market } = county;
const RESOURCE = "population.findPersonForCase";
const steward = await county.official(publicSecurity, "catalogue.read", "catalogue.steward", "catalogue.review");
const reviewer = await county.official(publicSecurity, "catalogue.read", "catalogue.review");
const stranger = await county.official(market, "catalogue.read", "catalogue.steward", "catalogue.review");

const attributes = async (resource = RESOURCE) => answered(await as(steward).findResource({ resource })).attributes;

test("every register and every query that a system may ask is a resource, derived from its contract, with an id of its own", async () => {
  const { resources, contracts } = cataloguePorts(node.kernel.database);
  const registers = contracts.reduce((sum, contract) => sum + Object.keys(contract.registers).length, 0);
  const all = [...resources.values()];
  assert.equal(all.filter(({ kind }) => kind === "register").length, registers);
  assert.ok(all.length > registers);
  const seen: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = answered(await as(steward).listResources(after === undefined ? {} : { after }));
    seen.push(...page.items.map(({ id }) => id));
    after = page.next;
    if (after === undefined) break;
  }
  assert.deepEqual(
    seen,
    all.map(({ id }) => id),
  );
  assert.equal(new Set(seen).size, seen.length);
  assert.ok(
    (await attributes()).some(({ title }) => title.zh !== title.en),
    "titles come from the contract",
  );
});

test("an entry is drafted by the keeper's steward and released by a second official; it is never rewritten", async () => {
  const description = describedAs(await attributes(), "conditional");
  refused(await as(stranger).describeResource({ resource: RESOURCE, description }), "not-keeper");
  refused(await as(reviewer).describeResource({ resource: RESOURCE, description }), "denied");
  refused(await as(steward).describeResource({ resource: "population.nothing", description }), "not-found");
  const fewer = { ...description, attributes: description.attributes.slice(1) };
  refused(await as(steward).describeResource({ resource: RESOURCE, description: fewer }), "attributes-differ");
  const twice = { ...description, attributes: [...description.attributes, ...description.attributes.slice(0, 1)] };
  refused(await as(steward).describeResource({ resource: RESOURCE, description: twice }), "attributes-differ");
  for (const [mark, code] of [
    ["机密★10年", "invalid-input"],
    ["【秘密】名册", "secret"],
    ["含工作秘密", "secret"],
  ] as const) {
    const secret = { ...description, abstract: { zh: mark, en: "x" } };
    refused(await as(steward).describeResource({ resource: RESOURCE, description: secret }), code);
  }
  const { number } = answered(await as(steward).describeResource({ resource: RESOURCE, description }));
  refused(await as(steward).describeResource({ resource: RESOURCE, description }), "waiting");
  assert.equal(answered(await as(steward).findResource({ resource: RESOURCE })).sharing, undefined);
  const review = { number, decision: "released", reason: "经审查，不涉密" } as const;
  refused(await as(steward).reviewEntry(review), "own-draft");
  refused(await as(stranger).reviewEntry(review), "not-found");
  const { code } = answered(await as(reviewer).reviewEntry(review));
  assert.match(code, /^301001\/\d{6}$/);
  refused(await as(reviewer).reviewEntry(review), "not-found");
  const found = answered(await as(steward).findResource({ resource: RESOURCE }));
  assert.equal(found.current?.state, "released");
  assert.equal(found.sharing, "conditional");
  for (const text of [
    "UPDATE catalogue.entry SET sharing = 'none'",
    "DELETE FROM catalogue.entry",
    "TRUNCATE catalogue.entry",
  ]) {
    await assert.rejects(node.kernel.database.execute(text));
  }
});

test("past the operation, the table itself takes no review by the drafter", async () => {
  const [other] = [...cataloguePorts(node.kernel.database).resources.keys()].filter(
    (id) => id.startsWith("population.") && id !== RESOURCE,
  );
  assert.ok(other);
  const description = describedAs(await attributes(other), "unconditional");
  const { number } = answered(await as(steward).describeResource({ resource: other, description }));
  await assert.rejects(
    node.kernel.database.execute(
      `UPDATE catalogue.entry SET decision = 'released', reviewed_by = drafted_by, reviewed_at = drafted_at,
         review_reason = 'x' WHERE number = $1`,
      [number],
    ),
    /one_drafts_another_reviews/,
  );
  answered(await as(reviewer).reviewEntry({ number, decision: "returned", reason: "分类码有误" }));
  assert.equal(answered(await as(steward).findResource({ resource: other })).current, undefined);
});

test("anyone sees the public part: what there is and how it is shared, not why not", async () => {
  const { items } = answered(await as({ kind: "public" }).publicEntries({}));
  assert.deepEqual(
    items.map(({ sharing }) => sharing),
    ["conditional"],
  );
  assert.equal(JSON.stringify(items).includes("办理行政许可需要"), false);
  refused(await as({ kind: "public" }).listResources({}), "denied");
});

test("what is shared on conditions is closed to rooms of other authorities, and open to the keeper's own", async () => {
  await county.refresh();
  const decide = (room: string) =>
    node.kernel.access.decide({
      act: node.act({ kind: "node", room }),
      room: "population",
      operation: "findPersonForCase",
      kind: "query",
    });
  const denied = decide("quality");
  assert.equal(denied.allowed, false);
  assert.deepEqual(denied.policies, [`catalogue.${RESOURCE}`]);
  assert.equal(decide("population").allowed, true);
  assert.equal(decide("nowhere").allowed, false, "a room that nobody keeps is not the keeper's");
});

test("however many grants end one day, no more is compiled than the next changes", async () => {
  const { resources, contracts, keeperOf } = cataloguePorts(node.kernel.database);
  const ground = { resources, rooms: contracts.map(({ id }) => id), keeperOf };
  const { attributes: named = [] } = resources.get(RESOURCE) ?? {};
  const now = "2026-01-01T00:00:00Z";
  const day = (number: number) => new Date(Date.parse(now) + number * 86_400_000 - 1_000).toISOString();
  const grants = Array.from({ length: 500 }, (_, at) => ({
    ...{ number: at + 1, resource: RESOURCE, attributes: named.map(({ name }) => name), systems: ["quality"] },
    ...{ purposes: ["case"] as const, from: now },
    until: day(at + 1),
  }));
  const entries = [{ resource: RESOURCE, attributes: describedAs(named, "conditional").attributes }];
  const counts = (at: string) =>
    versionsOf(ground, entries, grants, at).map(({ policies }) => Object.keys(policies).length);
  assert.deepEqual(
    counts(now),
    [500, 499, 498, 497, 496].map((inForce) => inForce + 1),
  );
  assert.deepEqual(
    counts(day(3)),
    [497, 496, 495, 494, 493].map((inForce) => inForce + 1),
    "the next ones follow",
  );
});

test("Cedar's own checker accepts, in its strict mode, what the catalogue makes", async () => {
  const { resources, contracts, keeperOf } = cataloguePorts(node.kernel.database);
  const ground = { resources, rooms: contracts.map(({ id }) => id), keeperOf };
  const { attributes: named = [] } = resources.get(RESOURCE) ?? {};
  const grants = Array.from({ length: 9 }, (_, at) => ({
    number: at + 1,
    resource: RESOURCE,
    attributes: named.map(({ name }) => name),
    purposes: ["case", "supervision"] as const,
    systems: ["quality", "node:city-9901", "client:CN/GOV/990101/tax@county"],
    from: "2026-01-01T00:00:00Z",
    until: "2027-01-01T00:00:00Z",
  }));
  const policies = sharingPolicies(
    ground,
    [{ resource: RESOURCE, attributes: describedAs(named, "conditional").attributes }],
    grants,
  );
  assert.equal(Object.keys(policies).length, 10);
  const sources = await Promise.all(
    Object.entries(policies).map(async ([id, json]) => [id, await policySource(json)] as const),
  );
  await readPolicies(contracts, Object.fromEntries(sources));
});
