import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import type { Principal } from "#kernel/system/act";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { identityPrincipals, POWER_LIFE_MS } from "../../src/infrastructure/identity/ports.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode({ signIns: ["owner", "agent", "neighbour"] });
after(node.close);
const START = Date.parse("2026-03-02T02:00:00Z");
let nowMs = START;
const now = () => new Date(nowMs).toISOString();
node.setNow(now());

const owner = node.holder("owner");
const friend = node.county.persons.find(({ value }) => value.name === "陈思远");
const daughter = node.county.persons.find(({ value }) => value.name === "周暘");
const elder = node.county.persons.find(({ value }) => value.name === "顾青禾");
assert.ok(friend && daughter && elder);
const FRIEND = { agentName: friend.value.name, agentNumber: friend.value.documentNumber };
const YEAR = { from: "2026-03-02", to: "2027-03-01" } as const;

const person = (id: string, assurance: 1 | 2 = 2): Principal => {
  return { kind: "person", id, assurance, provenAt: { [assurance]: now() } };
};
const doorsOf = (id: string, assurance: 1 | 2 = 2) =>
  node.as(identity, person(id, assurance), { purpose: "own-affairs" });
const official = (number: number, ...duties: string[]) => {
  const post = {
    id: `00000000-0000-4000-8000-0000000000d${number}`,
    title: { zh: "岗", en: "Post" },
    authority: "00000000-0000-4000-8000-0000000000ab",
    authorityName: { zh: "政务服务管理局", en: "Services Office" },
    duties,
    division: "990101",
  };
  const id = `00000000-0000-4000-8000-0000000000c${number}`;
  return { kind: "official", id, post, assurance: 2, provenAt: { 2: now() } } as const;
};
const clerk = () => node.as(identity, official(1, "counter.file", "identity.powers"), { purpose: "administration" });
const second = () => node.as(identity, official(2, "identity.powers"), { purpose: "administration" });
const keeper = () => node.as(population, official(3, "register.keep"), { purpose: "register-keeping" });
const room = node.as(identity, { kind: "node", room: "test" }, { purpose: "administration" });

async function visitorSession(signInName: string) {
  const visitor = node.as(identity, { kind: "public" }, { purpose: "own-affairs" });
  const entered = answered(await visitor.signIn({ signInName, password: DEMONSTRATION_PASSWORD }));
  assert.ok(entered.outcome === "signed-in");
  return entered;
}

const administration = { purpose: "administration" } as const;
const asNode: Principal = { kind: "node", room: "test" };
const principals = identityPrincipals({
  sql: node.kernel.database,
  directory: node.as(directory, asNode, administration),
  legalEntities: node.as(legalEntities, asNode, administration),
  identity: node.as(identity, asNode, administration),
});

test("A parent acts for her child by what the household register says, until the child is 18 or the register says otherwise", async () => {
  const over = () => room.powerOver({ person: owner, principal: daughter.key });
  assert.deepEqual(answered(await over()), { name: "周暘", right: "guardian" });
  refused(await room.powerOver({ person: friend.key, principal: daughter.key }), "no-power");
  refused(await room.powerOver({ person: daughter.key, principal: owner }), "no-power");
  const { held } = answered(await doorsOf(owner).myPowers({}));
  assert.deepEqual(
    held.map(({ name, right, id }) => [name, right, id]),
    [["周暘", "guardian", undefined]],
  );
  const numbers = { wardNumber: daughter.value.documentNumber, guardianNumber: friend.value.documentNumber };
  refused(
    await keeper().registerGuardianship({
      ...numbers,
      wardNumber: elder.value.documentNumber,
      relation: "other",
      evidence: "…",
    }),
    "not-a-minor",
  );
  answered(await keeper().registerGuardianship({ ...numbers, relation: "other", evidence: "居委会同意书 样本1号" }));
  refused(await keeper().registerGuardianship({ ...numbers, relation: "other", evidence: "…" }), "exists");
  answered(await room.powerOver({ person: friend.key, principal: daughter.key }));
  answered(await keeper().endGuardianship({ ...numbers, reason: "判决撤销监护人资格 样本2号" }));
  refused(await room.powerOver({ person: friend.key, principal: daughter.key }), "no-power");
  const birthday = daughter.value.birthDate.replace(/^\d{4}/, (year) => String(Number(year) + 18));
  node.setNow(`${birthday}T02:00:00.000Z`);
  refused(await over(), "no-power");
  node.setNow(now());
});

test("A session acts for another person while the power holds, and the person represented sees that it did", async () => {
  const { session, token } = await visitorSession("owner");
  const doors = doorsOf(owner);
  refused(await doors.actFor({ session, person: elder.key }), "no-power");
  refused(
    await doors.actFor({ session, person: daughter.key, organization: node.county.cast.shop.key }),
    "one-of-them",
  );
  answered(await doors.actFor({ session, person: daughter.key }));
  const acting = await principals.session(token, now());
  assert.deepEqual(acting?.onBehalfOf, { kind: "person", id: daughter.key, name: "周暘", right: "guardian" });
  const { records } = await node.kernel.ledger.bySubject(
    { kind: "person", id: daughter.key },
    { today: now().slice(0, 10), limit: 50 },
  );
  const seen = records.find(({ leaf }) => leaf.operation === "actFor");
  assert.equal(seen?.content?.actor.id, owner);
  answered(await doors.actFor({ session }));
  assert.equal((await principals.session(token, now()))?.onBehalfOf, undefined);
});

test("A mandate is given with a second factor, by name and number, and ends within a minute of its end", async () => {
  const given = { ...FRIEND, scope: "all-services", ...YEAR } as const;
  refused(await doorsOf(owner, 1).grantPower(given), "assurance-needed");
  refused(await doorsOf(owner).grantPower({ ...given, agentName: "别人" }), "agent-not-found");
  refused(await doorsOf(owner).grantPower({ ...given, to: "2032-01-01" }), "bad-period");
  refused(await doorsOf(owner).grantPower({ ...given, scope: "one-service" }), "bad-service");
  refused(await doorsOf(friend.key).grantPower(given), "own-agent");
  const { id } = answered(await doorsOf(owner).grantPower(given));
  refused(await doorsOf(owner).grantPower(given), "already-given");
  assert.equal(answered(await doorsOf(owner).myPowers({})).given[0]?.name, friend.value.name);

  const { session, token } = await visitorSession("agent");
  answered(await doorsOf(friend.key).actFor({ session, person: owner }));
  const right = async () => (await principals.session(token, now()))?.onBehalfOf?.right;
  assert.equal(await right(), "agent");
  refused(await doorsOf(elder.key).endPower({ id }), "not-found");
  answered(await doorsOf(owner).endPower({ id }));
  refused(await doorsOf(owner).endPower({ id }), "not-found");
  nowMs += POWER_LIFE_MS;
  node.setNow(now());
  assert.equal(await right(), undefined, "whoever lost the power acts for himself");
  refused(await doorsOf(friend.key).actFor({ session, person: owner }), "no-power");

  const one = { ...FRIEND, scope: "one-service", service: "quality.foodBusinessLicence", ...YEAR } as const;
  answered(await doorsOf(owner).grantPower(one));
  const bounded = answered(await room.powerOver({ person: friend.key, principal: owner }));
  assert.deepEqual(bounded.services, ["quality.foodBusinessLicence"]);
});

test("Who is guardian for one service and agent for another is not thereby guardian for both", async () => {
  const food = { scope: "one-service", service: "quality.foodBusinessLicence", ...YEAR } as const;
  const other = { scope: "one-service", service: "water.waterIntake", ...YEAR } as const;
  const given = answered(await doorsOf(elder.key).grantPower({ ...FRIEND, ...food }));
  const recorded = answered(
    await clerk().recordPower({
      principalNumber: elder.value.documentNumber,
      agentNumber: friend.value.documentNumber,
      evidence: "清源县人民法院（2026）样本民特2号判决书",
      ...{ kind: "guardian", basis: "judgment", ...other },
    }),
  );
  answered(await second().decidePower({ id: recorded.id, recognized: true, reason: "判决已生效" }));
  const { right, services } = answered(await room.powerOver({ person: friend.key, principal: elder.key }));
  assert.deepEqual([right, services], ["guardian", ["water.waterIntake"]]);
  answered(await second().endPower({ id: recorded.id, reason: "判决已撤销" }));
  const left = answered(await room.powerOver({ person: friend.key, principal: elder.key }));
  assert.deepEqual([left.right, left.services], ["agent", ["quality.foodBusinessLicence"]]);
  answered(await doorsOf(elder.key).endPower({ id: given.id }));
});

test("Guardians of adults and heirs are recorded on evidence by one official and decided by another", async () => {
  const asked = {
    principalNumber: elder.value.documentNumber,
    agentNumber: friend.value.documentNumber,
    evidence: "清源县人民法院（2026）样本民特1号判决书",
    scope: "all-services",
    ...YEAR,
  } as const;
  refused(await clerk().recordPower({ ...asked, kind: "guardian", basis: "mandate" }), "not-fitting");
  refused(await clerk().recordPower({ ...asked, kind: "heir", basis: "notarized" }), "not-fitting");
  const { id } = answered(await clerk().recordPower({ ...asked, kind: "guardian", basis: "judgment" }));
  refused(await room.powerOver({ person: friend.key, principal: elder.key }), "no-power");
  refused(await clerk().recordPower({ ...asked, kind: "guardian", basis: "judgment" }), "already-given");
  refused(await clerk().decidePower({ id, recognized: true, reason: "…" }), "same-official");
  const [waiting] = answered(await second().powerRequests({})).items;
  assert.deepEqual([waiting?.agentName, waiting?.principalName], [friend.value.name, elder.value.name]);
  answered(await second().decidePower({ id, recognized: true, reason: "判决已生效" }));
  refused(await second().decidePower({ id, recognized: false, reason: "…" }), "not-open");
  assert.equal(answered(await room.powerOver({ person: friend.key, principal: elder.key })).right, "guardian");
  refused(await doorsOf(friend.key).endPower({ id }), "not-yours");

  // With a death the guardianship is over, and heirs come in.
  const dies = {
    id: elder.key,
    lifeStatus: "deceased",
    since: "2026-03-02",
    reason: "死亡证明 样本",
    confirmed: true,
  } as const;
  answered(await keeper().correctPerson(dies));
  refused(await room.powerOver({ person: friend.key, principal: elder.key }), "no-power");
  const heir = answered(await clerk().recordPower({ ...asked, kind: "heir", basis: "notarized" }));
  answered(await second().decidePower({ id: heir.id, recognized: false, reason: "公证书已被撤销" }));
  refused(await room.powerOver({ person: friend.key, principal: elder.key }), "no-power");
  const again = answered(await clerk().recordPower({ ...asked, kind: "heir", basis: "kinship" }));
  answered(await second().decidePower({ id: again.id, recognized: true, reason: "全体继承人已确认" }));
  assert.equal(answered(await room.powerOver({ person: friend.key, principal: elder.key })).right, "heir");
  answered(await second().endPower({ id: again.id, reason: "遗产已分割" }));
  refused(await room.powerOver({ person: friend.key, principal: elder.key }), "no-power");
});
