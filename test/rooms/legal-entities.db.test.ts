import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import type { PostRef, Principal } from "#kernel/system/act";
import { fromUtf8 } from "#lib/crypto/bytes";
import { syntheticUnifiedSocialCredit } from "#lib/identifiers/unified-social-credit";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode();
after(node.close);

const asNode: Principal = { kind: "node", room: "test" };
const rooms = node.as(legalEntities, asNode, { purpose: "case" });
const visitor = node.as(legalEntities, { kind: "public" }, { purpose: "public-information" });
const person = (id: string) => node.as(legalEntities, { kind: "person", id, assurance: 1 });
/** Who has just proved who he is, with a second factor. */
const proven = (id: string) =>
  node.as(legalEntities, { kind: "person", id, assurance: 2, provenAt: { 2: node.kernel.now() } });
const [owner, agent, company] = [node.holder("owner"), node.holder("agent"), node.holder("company")];
const { shop } = node.county.cast;
/** Alive, of age, and nobody's representative in these tests. */
const bystander =
  node.county.persons.findLast(({ value }) => value.lifeStatus === "alive" && value.birthDate < "2000")?.key ?? "";

async function official(signInName: string): Promise<Principal> {
  const id = node.county.offices.bySignInName.get(signInName) ?? "";
  const offices = node.as(directory, asNode, { purpose: "administration" });
  const [post] = answered(await offices.postsOf({ official: id })).items;
  return { kind: "official", id, post: post as PostRef, assurance: 1 };
}

let sequence = 900_000;
function newShop(over: Record<string, unknown> = {}) {
  sequence += 1;
  return {
    name: `清源县新店${sequence}小吃店`,
    creditCode: syntheticUnifiedSocialCredit({ kind: "92", division: "0101", sequence }),
    kind: "individual-business",
    representative: bystander,
    division: "990101001",
    address: "清源县清源街道文昌路1号",
    businessScope: "餐饮服务",
    establishedOn: "2026-02-01",
    ...over,
  } as const;
}

test("Anyone finds an organization by key, code and name, without its representative's key", async () => {
  const found = answered(await visitor.findOrganization({ id: shop.key }));
  assert.equal(found.name, "清源县翠竹小吃店");
  assert.equal("representative" in found, false);
  assert.equal(answered(await visitor.findByCode({ creditCode: shop.value.creditCode.toLowerCase() })).id, shop.key);
  assert.deepEqual(
    answered(await visitor.searchByName({ name: "翠竹小吃" })).items.map(({ id }) => id),
    [shop.key],
  );
  refused(await visitor.findByCode({ creditCode: `${shop.value.creditCode.slice(0, 17)}?` }), "invalid");
  refused(await visitor.findByCode({ creditCode: newShop().creditCode }), "not-found");
  refused(await visitor.findOrganizationForCase({ id: shop.key }), "denied");
  assert.equal(answered(await rooms.findOrganizationForCase({ id: shop.key })).representative, owner);
});

test("The power to act is the operator's, the legal representative's, the agent's, and nobody else's", async () => {
  const right = async (who: string, organization = shop.key) =>
    answered(await rooms.representation({ person: who, organization })).right;
  assert.equal(await right(owner), "operator");
  assert.equal(await right(company, node.county.cast.company.key), "legal-representative");
  assert.equal(await right(agent), "agent");
  refused(await rooms.representation({ person: bystander, organization: shop.key }), "not-representative");
  refused(
    await rooms.representation({ person: owner, organization: node.county.cast.company.key }),
    "not-representative",
  );
  refused(await rooms.representation({ person: owner, organization: bystander }), "not-found");
});

test("One sees for whom one can act, and not for whom others can", async () => {
  const own = answered(await person(owner).organizationsOf({ person: owner })).items;
  assert.ok(own.some(({ id, right }) => id === shop.key && right === "operator"));
  const agents = answered(await person(agent).organizationsOf({ person: agent })).items;
  assert.deepEqual(
    agents.map(({ id, right, to }) => [id, right, to]),
    [[shop.key, "agent", "2030-12-31"]],
  );
  refused(await person(agent).organizationsOf({ person: owner }), "not-own");
});

test("Only the representative authorizes an agent, for a while, and either side ends it", async () => {
  const letter = {
    organization: shop.key,
    agent: bystander,
    scope: "licensing",
    from: "2026-03-02",
    to: "2026-06-30",
  } as const;
  refused(await proven(agent).authorizeAgent(letter), "not-representative");
  refused(await person(owner).authorizeAgent(letter), "assurance-needed");
  refused(await proven(owner).authorizeAgent({ ...letter, agent: owner }), "own-agent");
  refused(await proven(owner).authorizeAgent({ ...letter, agent: shop.key }), "agent-not-found");
  refused(await proven(owner).authorizeAgent({ ...letter, to: "2026-03-01" }), "bad-period");
  refused(await proven(owner).authorizeAgent({ ...letter, to: "2031-03-03" }), "bad-period");
  const { id } = answered(await proven(owner).authorizeAgent(letter));
  refused(await proven(owner).authorizeAgent(letter), "already-authorized");
  assert.equal(answered(await rooms.representation({ person: bystander, organization: shop.key })).scope, "licensing");
  refused(await person(bystander).listAuthorizations({ organization: shop.key }), "not-representative");
  refused(await person(company).revokeAuthorization({ id }), "not-yours");
  answered(await person(bystander).revokeAuthorization({ id }));
  refused(await person(owner).revokeAuthorization({ id }), "not-found");
  refused(await rooms.representation({ person: bystander, organization: shop.key }), "not-representative");
  const listed = answered(await person(owner).listAuthorizations({ organization: shop.key })).items;
  assert.equal(listed.find((each) => each.id === id)?.valid, false);
});

test("An agent is authorized on line by name and number, which must both be right; the power reaches what it says", async () => {
  const people = node.county.persons.filter(({ value }) => value.lifeStatus === "alive" && value.birthDate < "2000");
  const [clerk, other] = people.filter(({ key }) => ![owner, agent, company, bystander].includes(key)).slice(-9);
  assert.ok(clerk && other);
  const letter = {
    ...{ organization: shop.key, service: "quality.foodBusinessLicence" },
    scope: "one-service",
    ...{ from: "2026-03-02", to: "2027-06-30", agentName: clerk.value.name, agentNumber: clerk.value.documentNumber },
  } as const;
  refused(await person(owner).grantAuthorization(letter), "assurance-needed");
  refused(await proven(owner).grantAuthorization({ ...letter, agentName: "别人" }), "agent-not-found");
  refused(await proven(owner).grantAuthorization({ ...letter, agentNumber: "990101199001010000" }), "agent-not-found");
  refused(await proven(owner).grantAuthorization({ ...letter, scope: "all-services" }), "bad-service");
  refused(await proven(company).grantAuthorization(letter), "not-representative");
  const { id } = answered(await proven(owner).grantAuthorization(letter));
  const power = async (service?: string) =>
    rooms.representation({
      ...{ person: clerk.key, organization: shop.key },
      ...(service !== undefined && { needed: { service, isLicence: true } }),
    });
  assert.deepEqual(answered(await power()).services, ["quality.foodBusinessLicence"]);
  assert.equal(answered(await power("quality.foodBusinessLicence")).scope, "one-service");
  refused(await power("quality.other"), "not-representative");
  const shown = answered(await person(clerk.key).organizationsOf({ person: clerk.key })).items;
  const mine = shown.find((one) => one.id === shop.key);
  assert.deepEqual([mine?.right, mine?.authorization], ["agent", id]);
  const listed = answered(await person(owner).listAuthorizations({ organization: shop.key })).items;
  assert.equal(listed.find((one) => one.id === id)?.agentName, clerk.value.name);
  // A wider one beside it: nothing bounds the agent any more.
  const wide = { ...letter, scope: "licensing", service: undefined } as const;
  const { id: wider } = answered(await proven(owner).grantAuthorization(wide));
  assert.equal(answered(await power("quality.other")).services, undefined);
  for (const one of [id, wider]) answered(await person(clerk.key).revokeAuthorization({ id: one }));
  refused(await power(), "not-representative");
});

test("An organization is registered once, with a code that can be right and a head who lives", async () => {
  const good = newShop();
  const { id } = answered(await rooms.registerOrganization(good));
  assert.equal(answered(await visitor.findOrganization({ id })).status, "active");
  refused(await rooms.registerOrganization(good), "exists");
  refused(await rooms.registerOrganization(newShop({ representative: shop.key })), "representative-not-found");
  refused(await rooms.registerOrganization(newShop({ establishedOn: "2026-12-31" })), "invalid");
  const wrong = newShop();
  const last = wrong.creditCode.endsWith("0") ? "1" : "0";
  refused(await rooms.registerOrganization({ ...wrong, creditCode: wrong.creditCode.slice(0, 17) + last }), "invalid");
  const enterprise = newShop({ kind: "enterprise" });
  refused(await rooms.registerOrganization(enterprise), "needs-confirmation");
  answered(await rooms.registerOrganization({ ...enterprise, confirmed: true }));
  const twin = newShop();
  const answers = await Promise.all([1, 2].map(() => rooms.registerOrganization(twin)));
  assert.deepEqual(
    answers.filter((answer) => isRefusal(answer)).map((answer) => isRefusal(answer) && answer.code),
    ["exists"],
  );
});

test("A new operator takes over from a day on", async () => {
  const { id } = answered(await rooms.registerOrganization(newShop()));
  node.setNow("2026-03-10T01:00:00.000Z");
  answered(await rooms.correctOrganization({ id, representative: owner, since: "2026-03-10", reason: "经营者变更" }));
  assert.equal(answered(await rooms.representation({ person: owner, organization: id })).right, "operator");
  refused(await rooms.representation({ person: bystander, organization: id }), "not-representative");
  refused(await rooms.correctOrganization({ id, creditCode: shop.value.creditCode, reason: "笔误" }), "exists");
});

test("Nobody acts for an organization that has ended, and how it ended stays known", async () => {
  const { id } = answered(await rooms.registerOrganization(newShop()));
  refused(await rooms.endOrganization({ id, how: "deregistered", on: "2020-01-01", reason: "申请注销" }), "bad-date");
  answered(await rooms.endOrganization({ id, how: "licence-withdrawn", on: "2026-03-09", reason: "处罚决定" }));
  assert.equal(answered(await visitor.findOrganization({ id })).status, "licence-withdrawn");
  refused(await rooms.representation({ person: bystander, organization: id }), "not-active");
  const items = answered(await person(bystander).organizationsOf({ person: bystander })).items;
  assert.ok(!items.some((each) => each.id === id));
  refused(await rooms.endOrganization({ id, how: "annulled", on: "2026-03-10", reason: "再次" }), "not-active");
});

test("Subscribers are told of each change, in its order, by names of attributes alone; of what was refused or changes nothing they are not", async () => {
  const { id } = answered(await rooms.registerOrganization(newShop()));
  answered(await rooms.correctOrganization({ id, address: "清源县清源街道文昌路2号", reason: "笔误" }));
  answered(await rooms.correctOrganization({ id, address: "清源县清源街道文昌路2号", reason: "再次核对" }));
  refused(await rooms.correctOrganization({ id, creditCode: shop.value.creditCode, reason: "笔误" }), "exists");
  answered(await rooms.endOrganization({ id, how: "deregistered", on: "2026-03-09", reason: "申请注销" }));
  const rows = await node.kernel.database.query<{ event_id: string; sealed: Buffer }>(
    "SELECT event_id, sealed FROM act.event WHERE room = 'legal-entities' AND type = 'organizationChanged' AND key = $1 ORDER BY id",
    [id],
  );
  const told = rows.map(({ event_id, sealed }) =>
    JSON.parse(fromUtf8(node.kernel.vault.open("room legal-entities", sealed, event_id))),
  );
  const { creditCode } = answered(await visitor.findOrganization({ id }));
  assert.ok(told[0].attributes.includes("representative"));
  assert.deepEqual(
    told.map(({ attributes, ...rest }) => ({ ...rest, attributes: rest.what === "registered" ? [] : attributes })),
    [
      { organization: id, creditCode, what: "registered", attributes: [] },
      { organization: id, creditCode, what: "corrected", attributes: ["address"] },
      { organization: id, creditCode, what: "ended", attributes: ["status"] },
    ],
  );
});

test("Who may act for it says that something is wrong; the registrar decides, with reasons", async () => {
  const own = person(owner);
  const report = {
    organization: shop.key,
    attribute: "address",
    claimed: "清源县湖滨街道翠竹路27号甲",
    explanation: "执照上有“甲”",
  } as const;
  refused(await person(bystander).reportWrong(report), "not-representative");
  const { id } = answered(await own.reportWrong(report));
  refused(await own.reportWrong(report), "already-open");
  const registrar = node.as(legalEntities, await official("registrar"), { purpose: "register-keeping" });
  assert.deepEqual(
    answered(await registrar.listCorrectionRequests({})).items.map((each) => [each.id, each.organizationName]),
    [[id, "清源县翠竹小吃店"]],
  );
  answered(await registrar.decideCorrection({ id, accepted: true, reason: "与执照一致" }));
  refused(await registrar.decideCorrection({ id, accepted: true, reason: "再来" }), "already-decided");
  assert.equal(answered(await visitor.findOrganization({ id: shop.key })).address, report.claimed);
  assert.equal(answered(await own.ownCorrectionRequests({})).items[0]?.status, "accepted");

  const nonsense = answered(await own.reportWrong({ ...report, attribute: "establishedOn", claimed: "明年" }));
  refused(await registrar.decideCorrection({ id: nonsense.id, accepted: true, reason: "照办" }), "invalid");
  refused(
    await registrar.decideCorrection({ id: nonsense.id, accepted: true, value: "2099-01-01", reason: "照办" }),
    "invalid",
  );
  const old = { id: nonsense.id, accepted: true, value: "1025-10-15", reason: "照办" };
  refused(await registrar.decideCorrection(old), "needs-confirmation");
  answered(await registrar.decideCorrection({ id: nonsense.id, accepted: false, reason: "没有证明材料" }));
});

test("The dead are nobody's agents", async () => {
  const keeper = node.as(population, asNode, { purpose: "register-keeping" });
  const dead =
    node.county.persons.findLast(({ value }) => value.lifeStatus === "alive" && value.birthDate < "1970")?.key ?? "";
  answered(
    await keeper.correctPerson({ id: dead, lifeStatus: "deceased", since: "2026-03-09", reason: "死亡医学证明" }),
  );
  const letter = {
    organization: shop.key,
    agent: dead,
    scope: "licensing",
    from: "2026-03-10",
    to: "2026-06-30",
  } as const;
  refused(await proven(owner).authorizeAgent(letter), "agent-not-found");
});
