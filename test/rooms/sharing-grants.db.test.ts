import assert from "node:assert/strict";
import { after, test } from "node:test";
import { catalogue } from "#infrastructure/catalogue";
import type { Act, Principal } from "#kernel/system/act";
import { syntheticResidentIdentity } from "#lib/identifiers/resident-identity";
import { population } from "#resources/population";
import { answered, refused } from "./answers.ts";
import { askedFor, sharingCounty } from "./sharing-county.ts";

const county = await sharingCounty();
after(county.close);
const { node, as, publicSecurity, market, dataOffice } = county;
const RESOURCE = "population.findPersonForCase";
const requester = await county.official(market, "catalogue.read", "catalogue.request");
const steward = await county.official(publicSecurity, "catalogue.read", "catalogue.steward");
const secondSteward = await county.official(publicSecurity, "catalogue.read", "catalogue.steward");
const reviewer = await county.official(publicSecurity, "catalogue.read", "catalogue.review");
const coordinator = await county.official(dataOffice, "catalogue.read", "catalogue.coordinate");
const governor = await county.official(county.government, "catalogue.read", "catalogue.govern");
await county.release({ resource: RESOURCE, sharing: "conditional", steward: secondSteward, reviewer });

const words = "依职责提出";
const QUALITY: Principal = { kind: "node", room: "quality" };
const [person = "", other = ""] = await Promise.all([register(10), register(12)]);

async function register(sequence: number): Promise<string> {
  const birthDate = Temporal.PlainDate.from("1990-02-28");
  const documentNumber = syntheticResidentIdentity({ division: "0101", birthDate, sequence });
  const doors = node.as(population, { kind: "node", room: "population" }, { purpose: "register-keeping" });
  return answered(
    await doors.registerPerson({
      ...{ name: "许昇", documentKind: "resident-identity", documentNumber, sex: "female", birthDate: "1990-02-28" },
      ...{
        nationality: "CHN",
        division: "990101001",
        address: "清源县桂花巷8号",
        mobile: "99123456789",
        lifeStatus: "alive",
      },
      confirmed: true,
    }),
  ).id;
}

/** What a system gets when it asks for a person. */
const look = (id = person, by: Principal = QUALITY, about: Partial<Act> = {}) =>
  node.as(population, by, about).findPersonForCase({ id });

async function granted(more: object = {}): Promise<number> {
  const content = { ...askedFor(RESOURCE), ...more };
  const { number } = answered(await as(requester).requestData({ resource: RESOURCE, content }));
  const { grant } = answered(await as(steward).consentRequest({ number, words }));
  await county.refresh();
  return grant;
}
async function ended(number: number): Promise<void> {
  answered(await as(requester).giveUpGrant({ number, words }));
  await county.refresh();
}
const see = async (number: number) => answered(await as(requester).findMatter({ number }));
const standing = async (number: number) => answered(await as(steward).usesOfGrant({ number })).standing;

test("a grant lets the named systems ask for the named purposes, is named in the ledger, and counts", async () => {
  await county.refresh();
  refused(await look(), "denied");
  const grant = await granted();
  assert.equal(answered(await look()).name, "许昇");
  const { records } = await node.kernel.ledger.bySubject({ kind: "person", id: person }, { limit: 5 });
  const read = records.find(({ leaf }) => leaf.type === "read");
  assert.ok(read?.content?.policies?.includes(`grant.${grant}`), "the entry of the read says by which grant");
  const decision = node.kernel.access.decide({
    ...{ act: node.act(QUALITY), room: "population", operation: "findPersonForCase", kind: "query" },
  });
  assert.ok(decision.policies.includes(`grant.${grant}`));
  refused(await look(person, { kind: "node", room: "items" }), "denied");
  refused(await look(person, QUALITY, { purpose: "supervision" }), "denied");
  // The same name on another node, or behind a foreign system, is another system.
  refused(await look(person, QUALITY, { origin: { node: "city-9901" } }), "denied");
  refused(await look(person, QUALITY, { origin: { node: "county", client: "CN/GOV/1/a" } }), "denied");
  for (const side of [requester, steward]) {
    const { items, standing } = answered(await as(side).usesOfGrant({ number: grant }));
    assert.deepEqual([standing.used, standing.usedToday, items.length], [1, 1, 1]);
    const [use] = items;
    assert.deepEqual([use?.system, use?.purpose, use?.outcome, use?.subjects], ["quality", "case", "answered", 1]);
  }
  const clerk = await county.official(county.city, "catalogue.read");
  refused(await as(clerk).usesOfGrant({ number: grant }), "not-found");
  assert.equal(answered(await as(clerk).checkGrant({ number: grant })).onwardUse, false);
  await ended(grant);
  refused(await look(), "denied");
});

test("another node and a foreign system are let in where the grant names them", async () => {
  const grant = await granted({ systems: ["node:city-9901", "client:CN/GOV/990101/tax@county"] });
  refused(await look(), "denied");
  answered(await look(person, QUALITY, { origin: { node: "city-9901" } }));
  answered(await look(person, QUALITY, { origin: { node: "county", client: "CN/GOV/990101/tax" } }));
  // Another node may claim whatever client it likes.
  refused(await look(person, QUALITY, { origin: { node: "anywhere", client: "CN/GOV/990101/tax" } }), "denied");
  refused(await look(person, QUALITY, { origin: { node: "city-9902" } }), "denied");
  const { items } = answered(await as(steward).usesOfGrant({ number: grant }));
  assert.deepEqual(items.map(({ system }) => system).sort(), ["client:CN/GOV/990101/tax@county", "node:city-9901"]);
  await ended(grant);
});

test("however many ask at once, no day's and no grant's quota is passed", async () => {
  const grant = await granted({ perDay: 7, total: 10 });
  const burst = async () => {
    const outcomes = await Promise.all(Array.from({ length: 30 }, () => look()));
    return outcomes.filter((one) => !("code" in one)).length;
  };
  const now = node.kernel.now();
  try {
    assert.equal(await burst(), 7);
    refused(await look(), "quota-spent");
    node.setNow("2026-11-19T02:00:00.000Z");
    assert.equal(await burst(), 3, "the next day the rest of all");
    const { used, usedToday } = await standing(grant);
    assert.deepEqual([used, usedToday], [10, 3]);
    await assert.rejects(
      node.kernel.database.execute("UPDATE catalogue.quota SET used = total + 1"),
      /within_the_total/,
    );
  } finally {
    node.setNow(now);
  }
  await ended(grant);
});

test("a grant ends by itself at the end of its last day, also where nobody looks", async () => {
  const grant = await granted({ until: "2026-11-20" });
  const now = node.kernel.now();
  try {
    node.setNow("2026-11-20T15:59:59.000Z");
    answered(await look());
    node.setNow("2026-11-20T16:00:00.000Z");
    refused(await look(), "denied");
    const { expired } = answered(await as({ kind: "node", room: "catalogue" }).tendSharing({}));
    assert.deepEqual(expired, [grant]);
    assert.equal((await see(grant)).state, "expired");
  } finally {
    node.setNow(now);
  }
});

test("misuse suspends at once, also before any process has heard of it; a second official resumes", async () => {
  const grant = await granted();
  answered(await as(steward).suspendGrant({ number: grant, words: "用于许可以外的查询" }));
  // This process still decides by what it knew: the counters of the grant are closed with the act itself.
  refused(await look(), "quota-spent");
  await county.refresh();
  refused(await look(), "denied");
  refused(await as(steward).resumeGrant({ number: grant, words }), "barred");
  answered(await as(secondSteward).resumeGrant({ number: grant, words }));
  await county.refresh();
  answered(await look());
  await ended(grant);
});

test("otherwise an end needs a cause, the consumer's answer or his silence, and a filing", async () => {
  const grant = await granted();
  refused(await as(steward).fileGrantEnd({ number: grant, words }), "not-now");
  answered(await as(steward).proposeGrantEnd({ number: grant, words: "职责调整" }));
  answered(await look());
  refused(await as(steward).fileGrantEnd({ number: grant, words }), "not-now");
  answered(await as(requester).answerGrantEnd({ number: grant, words: "同意" }));
  answered(await as(steward).fileGrantEnd({ number: grant, words: "已报备" }));
  await county.refresh();
  refused(await look(), "denied");
  const silent = await granted();
  answered(await as(steward).proposeGrantEnd({ number: silent, words }));
  assert.deepEqual((await see(silent)).clocks.find(({ clock }) => clock === "end-negotiation")?.dueOn, "2026-12-02");
  const now = node.kernel.now();
  try {
    node.setNow("2026-12-03T02:00:00.000Z");
    answered(await as(steward).fileGrantEnd({ number: silent, words }));
    assert.equal((await see(silent)).state, "ended");
  } finally {
    node.setNow(now);
  }
  const kept = await granted();
  answered(await as(steward).proposeGrantEnd({ number: kept, words }));
  answered(await as(steward).keepGrant({ number: kept, words }));
  assert.equal((await see(kept)).state, "active");
  await ended(kept);
});

test("the first use shows that data flow; where they do not, that is told upward", async () => {
  const used = await granted();
  answered(await look());
  const { flowing } = answered(await as({ kind: "node", room: "catalogue" }).tendSharing({}));
  assert.deepEqual(flowing, [used]);
  assert.equal((await see(used)).clock, undefined);
  await ended(used);
  const waiting = await granted();
  assert.equal((await see(waiting)).clock?.dueOn, "2026-12-16");
  const now = node.kernel.now();
  try {
    node.setNow("2026-12-17T02:00:00.000Z");
    assert.ok(answered(await as({ kind: "node", room: "catalogue" }).tendSharing({})).escalated.includes(waiting));
  } finally {
    node.setNow(now);
  }
  answered(await as(requester).confirmFlow({ number: waiting, words }));
  await ended(waiting);
});

test("a data set's entries are taken from the quota all or not at all", async () => {
  const register = "population.person";
  await county.release({ resource: register, sharing: "conditional", steward: secondSteward, reviewer });
  const content = { ...askedFor(register), attributes: ["name", "division"], perDay: 100, total: 150 };
  const { number } = answered(await as(requester).requestData({ resource: register, content }));
  const { grant } = answered(await as(steward).consentRequest({ number, words }));
  const datasets = as({ kind: "node", room: "datasets" });
  const use = { resource: register, system: "quality", purpose: "case" };
  assert.equal(answered(await datasets.findGrant({ ...use, attributes: ["name"] })).grant, grant);
  refused(await datasets.findGrant({ ...use, attributes: ["name", "mobile"] }), "not-found");
  refused(await datasets.findGrant({ ...use, system: "node:other", attributes: ["name"] }), "not-found");
  const take = (amount: number) =>
    datasets.recordUse({ number: grant, operation: register, system: "quality", purpose: "case", amount });
  answered(await take(60));
  refused(await take(41), "spent");
  answered(await take(40));
  const elsewhere = node.as(catalogue, { kind: "node", room: "datasets" }, { origin: { node: "city-9901" } });
  refused(
    await elsewhere.recordUse({ number: grant, operation: register, system: "quality", purpose: "case", amount: 1 }),
    "not-local",
  );
  assert.equal((await standing(grant)).used, 100);
  await county.release({ resource: register, sharing: "none", steward: secondSteward, reviewer });
  refused(await datasets.findGrant({ ...use, attributes: ["name"] }), "not-found");
});

test("attributes that a grant does not give are cut out of answers; what no answer can be without has to be asked for", async () => {
  const optional = "mobile";
  const all = askedFor(RESOURCE).attributes;
  const some = all.filter((name) => name !== optional);
  const less = await granted({ attributes: some });
  const answer = answered(await look());
  assert.equal(answer.name, "许昇");
  assert.equal(optional in answer, false);
  const own = answered(await look(person, { kind: "node", room: "population" }));
  assert.equal(own.mobile, "99123456789", "the keeper's own rooms have all of it");
  await ended(less);
  const content = { ...askedFor(RESOURCE), attributes: all.filter((name) => name !== "name") };
  const refusal = refused(await as(requester).requestData({ resource: RESOURCE, content }), "attributes-needed");
  assert.match(refusal.text.zh, /：name$/);
  const more = await granted();
  assert.equal(answered(await look()).mobile, "99123456789");
  // By law not shared any more: at once, for whoever had it.
  await county.release({
    ...{ resource: RESOURCE, sharing: "conditional", but: { mobile: "none" }, steward: secondSteward, reviewer },
  });
  await county.refresh();
  assert.equal(optional in answered(await look()), false);
  refused(await as(requester).requestData({ resource: RESOURCE, content: askedFor(RESOURCE) }), "not-shared");
  await ended(more);
  await county.release({
    ...{
      resource: RESOURCE,
      sharing: "unconditional",
      but: { mobile: "conditional" },
      steward: secondSteward,
      reviewer,
    },
  });
  await county.refresh();
  const open = answered(await look());
  assert.deepEqual([open.name, optional in open], ["许昇", false], "without a grant, what is shared unconditionally");
  await county.release({ resource: RESOURCE, sharing: "conditional", steward: secondSteward, reviewer });
  await county.refresh();
  refused(await look(), "denied");
});

test("records of use are neither rewritten nor removed before three years have passed", async () => {
  for (const text of [
    "UPDATE catalogue.use SET system = 'x'",
    "UPDATE catalogue.use SET outcome = 'denied'",
    "DELETE FROM catalogue.use",
    "TRUNCATE catalogue.use",
  ]) {
    await assert.rejects(node.kernel.database.execute(text), /record/);
  }
});

test("whoever asked about someone is told of a correction, and nobody else about whom", async () => {
  const asked = await granted();
  answered(await look(person));
  await ended(asked);
  const stranger = await granted();
  answered(await look(other));
  const filing = { number: stranger, attributes: ["address"], subject: { kind: "person" as const, id: person }, words };
  refused(await as(requester).fileCorrection({ ...filing, attributes: ["nothing"] }), "attributes-unknown");
  refused(await as(steward).fileCorrection(filing), "denied");
  const { number } = answered(await as(requester).fileCorrection(filing));
  assert.deepEqual((await see(number)).clock?.dueOn, "2026-12-02");
  const before = answered(await as(requester).correctionNotices({})).items.length;
  assert.equal(before, 0);
  const { told } = answered(await as(steward).answerCorrection({ number, outcome: "corrected", words: "已更正" }));
  const { items } = answered(await as(requester).correctionNotices({}));
  assert.equal(items.length, told);
  assert.ok(
    items.some(({ grant }) => grant === asked),
    "an earlier grant that has ended is told as well",
  );
  assert.equal(
    items.some(({ grant }) => grant === stranger),
    false,
    "who never asked about him is not",
  );
  assert.ok(items.every(({ subject }) => subject?.id === person));
  const [first] = items;
  assert.ok(first);
  answered(await as(requester).acknowledgeNotice({ id: first.id }));
  refused(await as(requester).acknowledgeNotice({ id: first.id }), "not-found");
  const upheld = answered(await as(requester).fileCorrection({ ...filing, subject: undefined }));
  const outcome = answered(await as(steward).answerCorrection({ number: upheld.number, outcome: "upheld", words }));
  assert.deepEqual(outcome, { state: "upheld", told: 0 });
  await ended(stranger);
});

test("a dispute goes from negotiation to the authority in charge, and to the government, each with its clock", async () => {
  const { number } = answered(await as(requester).requestData({ resource: RESOURCE, content: askedFor(RESOURCE) }));
  answered(await as(steward).refuseRequest({ number, words: "与职责无关" }));
  const dispute = answered(await as(requester).raiseDispute({ number, words })).number;
  refused(await as(requester).raiseDispute({ number, words }), "open");
  const clock = async () => {
    const found = (await see(dispute)).clock;
    return [found?.clock, found?.dueOn];
  };
  assert.deepEqual(await clock(), ["negotiation", "2026-12-02"]);
  answered(await as(requester).offerSettlement({ number: dispute, words: "减少信息项" }));
  refused(await as(requester).acceptSettlement({ number: dispute, words }), "barred");
  refused(await as(coordinator).coordinateDispute({ number: dispute, words, outcome: "share" }), "not-now");
  answered(await as(requester).referDispute({ number: dispute, words }));
  assert.deepEqual(await clock(), ["coordination", "2026-12-16"]);
  refused(await as(requester).appealDispute({ number: dispute, words }), "not-now");
  answered(await as(coordinator).coordinateDispute({ number: dispute, words, outcome: "not-share" }));
  answered(await as(steward).acceptCoordination({ number: dispute, words }));
  refused(await as(steward).acceptCoordination({ number: dispute, words }), "barred");
  refused(await as(steward).appealDispute({ number: dispute, words }), "barred");
  answered(await as(requester).appealDispute({ number: dispute, words }));
  assert.deepEqual(await clock(), ["government", "2026-12-16"]);
  answered(await as(governor).decideDispute({ number: dispute, words, outcome: "share" }));
  assert.equal((await see(dispute)).state, "decided");
  const reopened = await see(number);
  assert.deepEqual([reopened.state, reopened.clock?.clock], ["submitted", "answer-conditional"]);
  answered(await as(steward).consentRequest({ number, words }));
});

test("a settlement needs the other side; a coordination both sides, and silence leads to the government", async () => {
  const refusedRequest = async () => {
    const { number } = answered(await as(requester).requestData({ resource: RESOURCE, content: askedFor(RESOURCE) }));
    answered(await as(steward).refuseRequest({ number, words }));
    return number;
  };
  const settled = answered(await as(requester).raiseDispute({ number: await refusedRequest(), words })).number;
  answered(await as(requester).offerSettlement({ number: settled, words }));
  answered(await as(steward).acceptSettlement({ number: settled, words }));
  assert.equal((await see(settled)).state, "settled");
  const request = await refusedRequest();
  const both = answered(await as(requester).raiseDispute({ number: request, words })).number;
  answered(await as(steward).referDispute({ number: both, words }));
  answered(await as(coordinator).coordinateDispute({ number: both, words, outcome: "share" }));
  answered(await as(requester).acceptCoordination({ number: both, words }));
  assert.equal((await see(both)).state, "half-accepted");
  answered(await as(steward).acceptCoordination({ number: both, words }));
  assert.equal((await see(both)).state, "settled");
  assert.equal((await see(request)).state, "submitted");
  const silent = answered(await as(requester).raiseDispute({ number: await refusedRequest(), words })).number;
  answered(await as(requester).referDispute({ number: silent, words }));
  const now = node.kernel.now();
  try {
    node.setNow("2026-12-17T02:00:00.000Z");
    answered(await as(requester).appealDispute({ number: silent, words }));
    assert.equal((await see(silent)).state, "before-government");
    refused(await as(steward).withdrawDispute({ number: silent, words }), "barred");
    answered(await as(requester).withdrawDispute({ number: silent, words }));
  } finally {
    node.setNow(now);
  }
});
