import assert from "node:assert/strict";
import { after, test } from "node:test";
import { answered, refused } from "./answers.ts";
import { askedFor, sharingCounty } from "./sharing-county.ts";

const county = await sharingCounty();
after(county.close);
const { node, as, publicSecurity, market, dataOffice } = county;
const CONDITIONAL = "population.findPersonForCase";
const UNCONDITIONAL = "population.nameOf";
const requester = await county.official(market, "catalogue.read", "catalogue.request");
const steward = await county.official(publicSecurity, "catalogue.read", "catalogue.steward");
const secondSteward = await county.official(publicSecurity, "catalogue.read", "catalogue.steward");
const reviewer = await county.official(publicSecurity, "catalogue.read", "catalogue.review");
const coordinator = await county.official(dataOffice, "catalogue.read", "catalogue.coordinate");
const outsider = await county.official(county.city, "catalogue.read", "catalogue.request", "catalogue.steward");

for (const [resource, sharing] of [
  [CONDITIONAL, "conditional"],
  [UNCONDITIONAL, "unconditional"],
  ["population.findByDocument", "none"],
] as const) {
  await county.release({ resource, sharing, steward, reviewer });
}

const ask = async (resource: string = CONDITIONAL, more: object = {}) =>
  await as(requester).requestData({ resource, content: { ...askedFor(resource), ...more } });
const asked = async (resource?: string) => answered(await ask(resource)).number;
const see = async (number: number, who = requester) => answered(await as(who).findMatter({ number }));
const words = "依职责提出";

test("a request says what, why, by which law, how much and until when; what it lacks is told at once", async () => {
  refused(await ask("population.person"), "not-found");
  refused(await ask("population.findByDocument"), "not-shared");
  refused(await ask(CONDITIONAL, { attributes: ["nothing"] }), "attributes-unknown");
  refused(await ask(CONDITIONAL, { attributes: ["name"] }), "attributes-needed");
  refused(await ask(CONDITIONAL, { systems: ["population"] }), "systems-wrong");
  refused(await ask(CONDITIONAL, { perDay: 11, total: 10 }), "volume-wrong");
  refused(await ask(CONDITIONAL, { until: "2026-11-18" }), "past");
  refused(await ask(CONDITIONAL, { until: "2030-01-01" }), "past");
  refused(await ask(CONDITIONAL, { purpose: "机密★" }), "invalid-input");
  refused(await ask(CONDITIONAL, { noOnwardUse: false }), "invalid-input");
  refused(await ask(CONDITIONAL, { systems: ["node:Not A Node"] }), "invalid-input");
  const nowhere = { ...requester, post: { ...requester.post, authority: node.kernel.newId() } };
  const content = { ...askedFor(CONDITIONAL), systems: ["node:elsewhere"] };
  refused(await as(nowhere).requestData({ resource: CONDITIONAL, content }), "no-superior");
  refused(await as(steward).requestData({ resource: CONDITIONAL, content: askedFor(CONDITIONAL) }), "denied");
  const { clock, state, government, coordinator: above } = await see(await asked());
  assert.equal(state, "submitted");
  assert.deepEqual(
    { amount: clock?.amount, unit: clock?.unit, dueOn: clock?.dueOn },
    {
      ...{ amount: 10, unit: "working-day", dueOn: "2026-12-02" },
    },
  );
  assert.equal(above, dataOffice);
  assert.equal(government, county.government);
});

test("what is shared unconditionally is answered within one working day, and not put off", async () => {
  const number = await asked(UNCONDITIONAL);
  assert.equal((await see(number)).clock?.dueOn, "2026-11-19");
  refused(await as(steward).askExtension({ number, words, days: 3 }), "no-extension");
  answered(await as(steward).consentRequest({ number, words }));
});

test("what is missing is listed once, and the days until it is there do not count", async () => {
  const number = await asked();
  answered(await as(steward).askCompletion({ number, missing: ["依据的条款", "使用场景"] }));
  refused(await as(steward).consentRequest({ number, words }), "not-now");
  assert.equal((await see(number)).clock?.paused, true);
  const now = node.kernel.now();
  try {
    node.setNow("2026-11-25T02:00:00.000Z");
    answered(await as(requester).completeRequest({ number, words: "条款：第十二条" }));
    const { clock } = await see(number);
    // Asked on the 18th, paused from the 18th until the 25th: ten working days after the 24th.
    assert.deepEqual({ paused: clock?.paused, used: clock?.used }, { paused: false, used: 1 });
    assert.equal(clock?.dueOn, "2026-12-08");
    refused(await as(steward).askCompletion({ number, missing: ["还有"] }), "not-now");
  } finally {
    node.setNow(now);
  }
});

test("more days need the authority in charge, at most ten, and are given once for each asking", async () => {
  const number = await asked();
  refused(await as(coordinator).decideExtension({ number, words, decision: "granted" }), "not-now");
  refused(await as(steward).askExtension({ number, words, days: 11 }), "invalid-input");
  answered(await as(steward).askExtension({ number, words, days: 10 }));
  refused(await as(steward).decideExtension({ number, words, decision: "granted" }), "denied");
  answered(await as(coordinator).decideExtension({ number, words, decision: "granted" }));
  refused(await as(coordinator).decideExtension({ number, words, decision: "granted" }), "not-now");
  const { clock } = await see(number);
  assert.deepEqual({ amount: clock?.amount, dueOn: clock?.dueOn }, { amount: 20, dueOn: "2026-12-16" });
  const declined = await asked();
  answered(await as(steward).askExtension({ number: declined, words, days: 5 }));
  answered(await as(coordinator).decideExtension({ number: declined, words, decision: "declined" }));
  assert.equal((await see(declined)).clock?.amount, 10);
});

test("consent makes a grant, whose data flow within twenty working days; refusal has reasons; either ends the clock", async () => {
  const number = await asked();
  refused(await as(steward).consentRequest({ number, words, perDay: 1_000_000 }), "volume-wrong");
  const { grant } = answered(await as(steward).consentRequest({ number, words, perDay: 5, total: 50 }));
  const request = await see(number);
  assert.equal(request.state, "consented");
  assert.equal(
    request.clocks.every(({ running }) => !running),
    true,
  );
  const made = await see(grant);
  assert.deepEqual([made.state, made.clock?.clock, made.clock?.dueOn], ["active", "flow", "2026-12-16"]);
  assert.equal((made.content as { noOnwardUse: boolean }).noOnwardUse, true);
  refused(await as(steward).refuseRequest({ number, words }), "not-now");
  const other = await asked();
  refused(await as(steward).refuseRequest({ number: other, words: " " }), "invalid-input");
  answered(await as(steward).refuseRequest({ number: other, words: "与职责无关" }));
  const { taken } = await see(other);
  assert.equal(taken.at(-1)?.words, "与职责无关");
  const third = await asked();
  answered(await as(requester).withdrawRequest({ number: third, words }));
  refused(await as(steward).consentRequest({ number: third, words }), "not-now");
});

test("of two stewards who answer at once, one stands", async () => {
  const number = await asked();
  const outcomes = await Promise.all([
    as(steward).consentRequest({ number, words }),
    as(secondSteward).refuseRequest({ number, words }),
  ]);
  const codes = outcomes.map((one) => ("code" in one ? one.code : "done")).sort();
  assert.deepEqual(codes, ["done", "not-now"]);
});

test("whom it does not concern sees nothing of it; who asked does not answer, also past the operation", async () => {
  const number = await asked();
  refused(await as(outsider).findMatter({ number }), "not-found");
  refused(await as(outsider).withdrawRequest({ number, words }), "not-found");
  assert.equal(answered(await as(outsider).listMatters({})).items.length, 0);
  const turned = { ...steward, id: requester.id };
  refused(await as(turned).consentRequest({ number, words }), "barred");
  await assert.rejects(
    node.kernel.database.execute(
      `INSERT INTO catalogue.matter_step (matter, ordinal, step, side, official, post, state, at)
       VALUES ($1, 2, 'consent', 'provider', $2, gen_random_uuid(), 'consented', now())`,
      [number, requester.id],
    ),
    /acts for one side/,
  );
  for (const text of [
    "UPDATE catalogue.matter SET content = '{}'",
    "UPDATE catalogue.matter SET state = 'consented' WHERE state = 'submitted'",
    "DELETE FROM catalogue.matter_step",
  ]) {
    await assert.rejects(node.kernel.database.execute(text));
  }
});

test("silence is told upward, once, and shown to who stands above", async () => {
  const number = await asked();
  const mine = async () => answered(await as(coordinator).listMatters({ mine: true })).items.map((item) => item.number);
  assert.equal((await mine()).includes(number), false);
  const tend = async () => answered(await as({ kind: "node", room: "catalogue" }).tendSharing({}));
  const now = node.kernel.now();
  try {
    node.setNow("2026-12-02T15:00:00.000Z");
    assert.equal((await tend()).escalated.includes(number), false, "the last day is not over in Shanghai");
    node.setNow("2026-12-02T16:00:00.000Z");
    assert.equal((await tend()).escalated.includes(number), true);
    assert.deepEqual((await tend()).escalated, []);
    assert.equal((await mine()).includes(number), true);
    const { clock } = await see(number);
    assert.deepEqual(
      { overdue: clock?.overdue, told: clock?.escalatedAt !== undefined },
      { overdue: true, told: true },
    );
  } finally {
    node.setNow(now);
  }
});
