import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { readApplication } from "#kernel/services/application";
import { archiveContent } from "#kernel/services/archive-content";
import { type SentMessage, sendToCase } from "#kernel/services/case-messages";
import { caseForApplicant, caseForOfficial, inboxOf } from "#kernel/services/case-views";
import { nameParty, recordDelivery, removeParty } from "#kernel/services/name-party";
import { noticesOf, openNotice } from "#kernel/services/notices";
import { partiesOf } from "#kernel/services/parties";
import { caseForParty, casesForParty } from "#kernel/services/party-views";
import type { Act } from "#kernel/system/act";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { daysAhead, licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { checked, done } = licensingSteps(() => county);

/** Someone who lives next door and has an account. */
const neighbour = generateCounty().cast.signIns.find(({ signInName }) => signInName === "neighbour");
const FUMES = { name: "顾青禾", address: "清源县湖滨街道翠竹路29号", interest: "住在隔壁，厨房油烟影响居住" };
const OFFER = { outcome: "hearing", reasons: "油烟排放直接关系相邻住户的重大利益" };
const DELIVERED = { method: "post", on: daysAhead(0), note: "挂号信 XA123，本人签收" };

const kernel = () => county.node.site.kernel;

function neighbourAct(about: Partial<Act> = {}): Act {
  const holder = neighbour?.holder ?? "";
  const { onBehalfOf: _, ...act } = county.ownerAct();
  return { ...act, principal: { kind: "person", id: holder, assurance: 1 }, ...about };
}

async function named(caseId: string, more: object = {}, by = "inspector1") {
  return nameParty(kernel(), await county.officialAct(by, { caseId }), {
    caseId,
    kind: "person",
    form: FUMES,
    ...more,
  });
}

function registered() {
  const id = neighbour?.holder ?? "";
  return { registered: { id, personId: id } };
}

async function said(act: Act, sent: SentMessage) {
  return sendToCase(kernel(), act, sent);
}

/** The parties of a case, when every notice to one of them is made. */
async function told(caseId: string) {
  for (let tries = 0; tries < 600; tries += 1) {
    const notices = await noticesOf(kernel().database, caseId);
    if (notices.every(({ status }) => status !== "waiting")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return partiesOf(kernel(), kernel().database, caseId);
}

function refusedAs(outcome: unknown): string {
  return isRefusal(outcome) ? outcome.code : `no refusal: ${JSON.stringify(outcome)}`;
}

test("interested parties are told, heard and told the decision; without that nothing is decided (36, 47, 48)", async () => {
  const caseId = await checked();
  // A decider does not keep parties, nor does another authority; the applicant is none.
  assert.equal(refusedAs(await named(caseId, {}, "decider")), "case-unknown");
  assert.equal(
    refusedAs(await named(caseId, { registered: { id: county.shop, personId: county.owner } })),
    "party-is-applicant",
  );
  assert.equal(refusedAs(await named(caseId, { form: { ...FUMES, interest: "" } })), "form-wrong");
  const first = await named(caseId, registered());
  assert.ok(!isRefusal(first));
  assert.equal(refusedAs(await named(caseId, registered())), "party-known");
  const second = await named(caseId, { form: { ...FUMES, name: "楼上住户（未登记）" } });
  const mistaken = await named(caseId, { form: { ...FUMES, name: "列错的人" } });
  assert.ok(!isRefusal(second) && !isRefusal(mistaken));
  const clerk = await county.officialAct("inspector1", { caseId });
  const removed = await removeParty(kernel(), clerk, { caseId, partyId: mistaken.id, reason: "列错" });
  assert.ok(!isRefusal(removed));

  // Named and untold: the examiner cannot propose, and nobody sees the case in the portal yet.
  const hasty = await county.doTask("inspector1", {
    caseId,
    element: "examination",
    form: { outcome: "propose-grant" },
  });
  assert.equal(refusedAs(hasty), "outcome-barred");
  assert.deepEqual(await casesForParty(kernel(), neighbourAct()), []);
  assert.equal(refusedAs(await caseForParty(kernel(), neighbourAct(), first.id)), "case-unknown");

  await done("inspector1", caseId, "examination", OFFER);
  const parties = await told(caseId);
  const online = parties.find(({ id }) => id === first.id);
  const onPaper = parties.find(({ id }) => id === second.id);
  assert.ok(online?.toldOn !== undefined, "who has an account is told at once");
  assert.ok(onPaper && onPaper.toldOn === undefined, "who has none is told when the notice is handed over");
  assert.equal(
    refusedAs(await removeParty(kernel(), clerk, { caseId, partyId: first.id, reason: "…" })),
    "party-noticed",
  );

  // What a party sees: item, place, name of the applicant, the reason; nothing else of the applicant's.
  const seen = await caseForParty(kernel(), neighbourAct(), first.id);
  assert.ok(!isRefusal(seen));
  assert.equal(seen.applicantName, "清源县翠竹小吃店");
  assert.deepEqual(Object.keys(seen.form).toSorted(), ["businessType", "items", "premises"]);
  assert.doesNotMatch(JSON.stringify(seen), /13900000000|楼上住户/);
  // Who acts for the party by a power does as much as it reaches.
  const friend = { kind: "person", id: county.owner, assurance: 1 } as const;
  const power = { kind: "person", id: neighbour?.holder ?? "", name: "顾青禾", right: "agent" } as const;
  const agent = (services?: readonly string[]) =>
    neighbourAct({ principal: friend, onBehalfOf: services ? { ...power, services } : power });
  assert.ok(!isRefusal(await caseForParty(kernel(), agent(), first.id)));
  assert.ok(!isRefusal(await caseForParty(kernel(), agent(["quality.foodBusinessLicence"]), first.id)));
  assert.equal(refusedAs(await caseForParty(kernel(), agent(["quality.other"]), first.id)), "case-unknown");
  assert.deepEqual(await casesForParty(kernel(), agent(["quality.other"])), []);
  assert.equal(
    refusedAs(await said(agent(["quality.other"]), { caseId, message: "waived", form: {} })),
    "case-unknown",
  );
  const [message] = (await inboxOf(kernel(), neighbour?.holder ?? "")).filter((one) => one.caseId === caseId);
  assert.equal(message?.kind, "party-rights");
  assert.ok(!isRefusal(await openNotice(kernel(), neighbourAct(), message?.noticeId ?? "")));
  assert.equal(refusedAs(await openNotice(kernel(), county.ownerAct(), message?.noticeId ?? "")), "case-unknown");
  const own = await caseForApplicant(kernel(), county.ownerAct(), caseId);
  assert.ok(!isRefusal(own) && own.parties.length === 0);
  assert.ok(!isRefusal(own) && own.notices.every(({ kind }) => !kind.startsWith("party-")));
  const stranger = { ...county.ownerAct(), principal: { kind: "person", id: county.shop, assurance: 1 } } as const;
  assert.equal(
    refusedAs(await caseForParty(kernel(), { ...stranger, onBehalfOf: undefined }, first.id)),
    "case-unknown",
  );

  // Their words; not in a name that is not theirs.
  const note = (words: string) => ({ form: { note: words } });
  const state = { caseId, message: "stated", ...note("排烟口正对卧室窗户。") };
  const company = { kind: "organization", id: second.id, name: "某公司", right: "agent" } as const;
  assert.equal(refusedAs(await said(neighbourAct({ onBehalfOf: company }), state)), "not-the-party");
  assert.ok(!isRefusal(await said(neighbourAct(), state)));
  const ownWords = await caseForApplicant(kernel(), county.ownerAct(), caseId);
  assert.ok(!isRefusal(ownWords) && ownWords.records.every(({ element }) => element !== "stated"));
  assert.equal(refusedAs(await said(neighbourAct(), { caseId, message: "withdrawn", form: {} })), "case-unknown");
  const forgone = await said(neighbourAct(), { caseId, message: "hearingForgone", form: {} });
  assert.ok(!isRefusal(forgone), JSON.stringify(forgone));
  assert.equal(refusedAs(await said(neighbourAct(), { caseId, message: "hearingForgone", form: {} })), "already-sent");

  // The period of who was not told yet does not begin: the timer waits for the delivery.
  await county.fireTimer(caseId, "hearingWaived");
  await county.until(caseId, ({ at }) => at.includes("hearingWait"));
  const letter = { party: second.id, way: "letter", on: daysAhead(0) };
  const early = { caseId, message: "hearingRequested", ...note("要求听证"), said: letter };
  assert.equal(refusedAs(await said(clerk, early)), "not-told");
  const [handed] = (await noticesOf(kernel().database, caseId)).filter(({ status }) => status === "made");
  assert.ok(handed);
  const delivery = { caseId, noticeId: handed.id };
  const future = await recordDelivery(kernel(), clerk, { ...delivery, form: { ...DELIVERED, on: daysAhead(2) } });
  assert.equal(refusedAs(future), "form-wrong");
  assert.ok(!isRefusal(await recordDelivery(kernel(), clerk, { ...delivery, form: DELIVERED })));
  assert.equal(refusedAs(await recordDelivery(kernel(), clerk, { ...delivery, form: DELIVERED })), "not-made");
  assert.ok(!isRefusal(await said(clerk, early)), "an official writes down what came by letter");

  // The hearing: everybody is told of it; a chair who is challenged is decided upon by the head.
  const arranged = {
    heldOn: daysAhead(16),
    heldAt: "09:30",
    place: "三楼听证室",
    manner: "public",
    clerk: "李敏",
  };
  await done("hearing", caseId, "hearingArrangement", arranged);
  await told(caseId);
  const invited = (await noticesOf(kernel().database, caseId)).filter(({ kind }) => kind.endsWith("hearing"));
  assert.deepEqual(invited.map(({ kind, status }) => `${kind} ${status}`).toSorted(), [
    "hearing delivered",
    "party-hearing delivered",
    "party-hearing made",
  ]);
  assert.ok(
    !isRefusal(await said(neighbourAct(), { caseId, message: "chairChallenged", ...note("主持人是申请人亲属。") })),
  );
  await done("head", caseId, "chairChallenge", { outcome: "reject", reasons: "经核实没有亲属关系" });
  assert.equal(
    refusedAs(await said(neighbourAct(), { caseId, message: "chairChallenged", ...note("再次") })),
    "already-sent",
  );
  const held = {
    outcome: "held",
    heldOn: daysAhead(0),
    attendees: "申请人、利害关系人二人、审查人员",
    record: "双方陈述……",
    signed: "yes",
  };
  await done("hearing", caseId, "hearing", held);
  await done("inspector1", caseId, "examination", { outcome: "propose-grant", reasons: "已移排烟口" });

  // The decision answers what was stated, and reaches everyone with its remedies.
  const decided = { outcome: "grant", reasons: "根据听证笔录，申请人已将排烟口移至屋顶" };
  const mute = await county.doTask("decider", { caseId, element: "decision", form: decided });
  assert.equal(refusedAs(mute), "outcome-barred");
  await done("decider", caseId, "decision", { ...decided, answers: "邻居关于排烟的意见予以采纳" });
  const view = await county.until(caseId, ({ status }) => status !== "running");
  assert.equal(view.outcome, "licensed");
  await told(caseId);
  const last = (await noticesOf(kernel().database, caseId)).filter(({ kind }) => kind === "party-decision");
  assert.deepEqual(last.map(({ status }) => status).toSorted(), ["delivered", "made"]);

  // On the record of whom it concerns, and in the package.
  const official = await caseForOfficial(kernel(), clerk, caseId);
  assert.ok(!isRefusal(official) && official.parties.length === 2);
  const log = await kernel().ledger.bySubject({ kind: "person", id: neighbour?.holder ?? "" }, { limit: 100 });
  const steps = new Set(log.records.map(({ leaf }) => leaf.operation.replace(/^[^.]+\./, "")));
  for (const step of [
    "party",
    "party.stated",
    "party.hearingForgone",
    "party.chairChallenged",
    "notice.party-rights",
    "read",
  ]) {
    assert.ok(steps.has(step), `${step} is on the neighbour's record: ${[...steps].join(", ")}`);
  }
  const application = await readApplication(kernel(), kernel().database, caseId);
  assert.ok(application);
  const files = await packed(application);
  assert.match(Buffer.from(files.get("parties.json") ?? []).toString(), /楼上住户/);
  assert.match(Buffer.from(files.get("records.json") ?? []).toString(), /排烟口正对卧室窗户/);
});

async function packed(application: Parameters<typeof archiveContent>[1]) {
  for (;;) {
    try {
      return await archiveContent(kernel(), application);
    } catch (error) {
      if (!(error instanceof Error && JSON.stringify(error).includes("ERR_ARCHIVE_PENDING"))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test("when everybody forgoes a hearing the examination goes on at once; a party who is named while it is decided stops it", async () => {
  const caseId = await checked();
  assert.ok(!isRefusal(await named(caseId, registered())));
  await done("inspector1", caseId, "examination", OFFER);
  await told(caseId);
  const forgo = { caseId, message: "hearingForgone", form: {} };
  assert.ok(!isRefusal(await said(county.ownerAct(), forgo)));
  await county.until(caseId, ({ at }) => at.includes("hearingWait"));
  assert.ok(!isRefusal(await said(neighbourAct(), forgo)));
  await county.until(caseId, ({ at }) => at.includes("examination"));
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  // Another neighbour turns up: it goes back, and he is told as well, and he alone.
  assert.ok(!isRefusal(await named(caseId)));
  const decision = await county.doTask("decider", { caseId, element: "decision", form: { outcome: "grant" } });
  assert.equal(refusedAs(decision), "outcome-barred");
  await done("decider", caseId, "decision", { outcome: "return", reasons: "告知新的利害关系人" });
  await done("inspector1", caseId, "examination", OFFER);
  await told(caseId);
  const rights = (await noticesOf(kernel().database, caseId)).filter(({ kind }) => kind === "party-rights");
  assert.equal(rights.length, 2);
});
