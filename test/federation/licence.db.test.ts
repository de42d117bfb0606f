import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { sendToCase } from "#kernel/services/case-messages";
import { caseForApplicant, caseForOfficial, inboxOf } from "#kernel/services/case-views";
import { openNotice } from "#kernel/services/notices";
import { tasksOf } from "#kernel/services/task-lists";
import { recuse } from "#kernel/services/tasks";
import { mod11x10Holds } from "#lib/identifiers/mod-11-10";
import { type LicensingCounty, licensingCounty, SITE_CHECK } from "./licensing-county.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());

async function submitted(form: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const outcome = await county.submit(await county.draft(form));
  assert.ok(!isRefusal(outcome), isRefusal(outcome) ? outcome.text.en : "");
  return outcome.caseId;
}

async function done(
  signInName: string,
  about: { caseId: string; element: string; form: Readonly<Record<string, unknown>> },
): Promise<void> {
  const outcome = await county.doTask(signInName, about);
  assert.ok(!isRefusal(outcome), isRefusal(outcome) ? `${outcome.text.en} ${JSON.stringify(outcome.issues)}` : "");
}

async function examined(caseId: string): Promise<void> {
  await done("accept", { caseId, element: "acceptance", form: { outcome: "accept", siteCheckNeeded: "yes" } });
  await done("inspector1", { caseId, element: "siteCheck", form: SITE_CHECK });
  await done("inspector2", { caseId, element: "siteCheckConfirm", form: { outcome: "agree" } });
  await done("inspector1", { caseId, element: "examination", form: { outcome: "propose-grant" } });
}

async function notices(caseId: string): Promise<readonly string[]> {
  const page = await caseForApplicant(county.node.site.kernel, county.ownerAct(), caseId);
  assert.ok(!isRefusal(page));
  return page.notices.map((notice) => notice.kind);
}

/** Waits until every notice of a case is delivered: documents are drawn in the background. */
async function delivered(caseId: string): Promise<void> {
  const { kernel } = county.node.site;
  for (let tries = 0; tries < 600; tries += 1) {
    const page = await caseForApplicant(kernel, county.ownerAct(), caseId);
    assert.ok(!isRefusal(page));
    if (page.notices.every((notice) => notice.status === "delivered")) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("a notice was not delivered");
}

test("a licence from submission to seal: every step on the record, every notice delivered, all provable", async () => {
  const { kernel } = county.node.site;
  const caseId = await submitted();
  await examined(caseId);
  const { officialId, post } = await county
    .official("inspector1")
    .then((who) => ({ officialId: who.id, post: who.post }));
  const own = await tasksOf(kernel, await county.officialAct("inspector1"), { officialId, post });
  assert.ok(!own.some((task) => task.caseId === caseId), "whoever examined is not offered the decision");
  await done("decider", { caseId, element: "decision", form: { outcome: "grant" } });
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "licensed");
  const number = String(view.variables["licenceNumber"]);
  assert.match(number, /^JY2990101\d{6}\d$/);
  assert.ok(mod11x10Holds(number.slice(2)));
  assert.deepEqual([...(await notices(caseId))].sort(), ["acceptance", "grant", "receipt"]);
  const { owner } = county;
  await delivered(caseId);
  const grant = (await inboxOf(kernel, owner)).find((item) => item.caseId === caseId && item.kind === "grant");
  assert.ok(grant?.noticeId);
  const opened = await openNotice(kernel, county.ownerAct(), grant.noticeId);
  assert.ok(!isRefusal(opened) && Buffer.from(opened.pdf).subarray(0, 5).toString() === "%PDF-");
  const after = (await inboxOf(kernel, owner)).find((item) => item.id === grant.id);
  assert.ok(after?.openedAt, "the first opening is recorded");
  await kernel.ledger.sequenceNow();
  const verification = await kernel.ledger.verify();
  assert.deepEqual(verification.findings, []);
});

test("a form sent twice at the same time is one case", async () => {
  const draftId = await county.draft();
  const outcomes = await Promise.all([county.submit(draftId), county.submit(draftId), county.submit(draftId)]);
  const ids = new Set(outcomes.map((outcome) => (isRefusal(outcome) ? outcome.code : outcome.caseId)));
  assert.deepEqual([...ids], [draftId]);
});

test("two officials who decide at once: one decision stands, the other is told", async () => {
  const caseId = await submitted();
  await examined(caseId);
  const { openTasks } = await county.until(caseId, (reached) => reached.at.includes("decision"));
  const about = { caseId, element: "decision", taskId: openTasks.find((one) => one.element === "decision")?.taskId };
  const outcomes = await Promise.all([
    county.doTask("decider", { ...about, form: { outcome: "grant" } }),
    county.doTask("head", { ...about, form: { outcome: "refuse", reasons: "不同意" } }),
  ]);
  const refused = outcomes.filter((outcome) => isRefusal(outcome));
  assert.equal(refused.length, 1);
  assert.equal(isRefusal(refused[0]) && refused[0].code, "task-gone");
  await county.until(caseId, (reached) => reached.status !== "running");
});

test("who examined may not decide; a task of another post answers like one that is not there", async () => {
  const caseId = await submitted();
  const foreign = await county.doTask("decider", { caseId, element: "acceptance", form: { outcome: "accept" } });
  assert.ok(isRefusal(foreign) && foreign.code === "case-unknown");
  await done("accept", { caseId, element: "acceptance", form: { outcome: "accept", siteCheckNeeded: "yes" } });
  await done("inspector1", { caseId, element: "siteCheck", form: SITE_CHECK });
  const same = await county.doTask("inspector1", { caseId, element: "siteCheckConfirm", form: { outcome: "agree" } });
  assert.ok(isRefusal(same) && same.code === "task-barred");
});

test("the one-time list is given once; what is not supplemented in time is taken as abandoned", async () => {
  const caseId = await submitted();
  const list = { outcome: "supplement", missing: "平面布局图：请标明洗消区", supplementDays: 5 };
  await done("accept", { caseId, element: "acceptance", form: list });
  const sent = await sendToCase(county.node.site.kernel, county.ownerAct(), {
    caseId,
    message: "supplemented",
    form: { note: "已补充标注" },
  });
  assert.ok(!isRefusal(sent));
  const again = await county.doTask("accept", { caseId, element: "acceptance", form: list });
  assert.ok(isRefusal(again) && again.code === "outcome-barred");

  const lapsing = await submitted();
  await done("accept", { caseId: lapsing, element: "acceptance", form: list });
  await county.fireTimer(lapsing, "supplementLapse");
  const view = await county.until(lapsing, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "lapsed");
  assert.ok((await notices(lapsing)).includes("termination"));
});

test("five working days without an answer: it counts as accepted from the day on which all was received", async () => {
  const { kernel } = county.node.site;
  const decisionFrom = async (caseId: string) => {
    const view = await county.until(caseId, (reached) => reached.at.includes("siteCheck"));
    return view.clocks.find((clock) => clock.id === "decision")?.startedOn;
  };
  // Days to come: a timer that was due on a day that is over would be fired by its own job.
  const today = Temporal.Now.plainDateISO("Asia/Shanghai");
  const at = (day: Temporal.PlainDate) => `${day}T02:00:00Z`;
  const [first, third] = [today.add({ days: 2 }), today.add({ days: 4 })];
  county.setNow(at(first));
  const caseId = await submitted();
  await county.fireTimer(caseId, "deemedAccepted");
  assert.equal(await decisionFrom(caseId), first.toString());
  assert.ok((await notices(caseId)).includes("acceptance"));

  county.setNow(at(first));
  const incomplete = await submitted();
  const list = { outcome: "supplement", missing: "平面布局图：请标明洗消区", supplementDays: 5 };
  await done("accept", { caseId: incomplete, element: "acceptance", form: list });
  county.setNow(at(third));
  const sent = { caseId: incomplete, message: "supplemented", form: { note: "已补充标注" } };
  assert.ok(!isRefusal(await sendToCase(kernel, county.ownerAct(), sent)));
  await county.fireTimer(incomplete, "deemedAccepted");
  assert.equal(await decisionFrom(incomplete), third.toString());

  county.setNow(at(first));
  const answered = await submitted();
  county.setNow(at(third));
  await done("accept", {
    caseId: answered,
    element: "acceptance",
    form: { outcome: "accept", siteCheckNeeded: "yes" },
  });
  assert.equal(await decisionFrom(answered), third.toString());
  county.setNow(undefined);
});

test("what has to be put right, and that a hearing may be asked for, is told in writing before the case waits", async () => {
  const caseId = await submitted();
  await done("accept", { caseId, element: "acceptance", form: { outcome: "accept", siteCheckNeeded: "yes" } });
  const rectify = { ...SITE_CHECK, equipment: "no", outcome: "rectify", rectifyDays: 3, reasons: "未设洗消水池" };
  await done("inspector1", { caseId, element: "siteCheck", form: rectify });
  await done("inspector2", { caseId, element: "siteCheckConfirm", form: { outcome: "agree" } });
  await county.until(caseId, (reached) => reached.awaited.some(({ message }) => message === "rectified"));
  assert.ok((await notices(caseId)).includes("rectification"));
  const { kernel } = county.node.site;
  const rectified = { caseId, message: "rectified", form: { note: "已加装水池" } };
  assert.ok(!isRefusal(await sendToCase(kernel, county.ownerAct(), rectified)));
  await done("inspector1", { caseId, element: "siteCheck", form: SITE_CHECK });
  await done("inspector2", { caseId, element: "siteCheckConfirm", form: { outcome: "agree" } });
  const offer = { outcome: "hearing", reasons: "油烟排放涉及相邻业主的重大利益" };
  await done("inspector1", { caseId, element: "examination", form: offer });
  await county.until(caseId, (reached) => reached.awaited.some(({ message }) => message === "hearingRequested"));
  assert.ok((await notices(caseId)).includes("hearing-right"));
  await delivered(caseId);
});

test("not our remit is a written non-acceptance at once; only prepackaged food is told at once and makes no case", async () => {
  const elsewhere = await submitted({ withinDivision: "no" });
  const view = await county.until(elsewhere, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "notOurRemit");
  assert.deepEqual(await notices(elsewhere), ["receipt", "non-acceptance"]);
  const prepackaged = await county.submit(await county.draft({ onlyPrepackaged: "yes" }));
  assert.ok(isRefusal(prepackaged) && prepackaged.code === "not-needed");
});

test("a refusal has reasons, and publishes the decision without a licence", async () => {
  const caseId = await submitted();
  await examined(caseId);
  const bare = await county.doTask("decider", { caseId, element: "decision", form: { outcome: "refuse" } });
  assert.ok(isRefusal(bare) && bare.issues[0]?.path === "reasons");
  await done("decider", { caseId, element: "decision", form: { outcome: "refuse", reasons: "操作间面积不足。" } });
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "notLicensed");
  assert.ok((await notices(caseId)).includes("refusal"));
});

test("an application can be withdrawn while nothing is decided, and not afterwards", async () => {
  const caseId = await submitted();
  const { kernel } = county.node.site;
  const withdraw = () => sendToCase(kernel, county.ownerAct(), { caseId, message: "withdrawn", form: {} });
  assert.ok(!isRefusal(await withdraw()));
  const again = await withdraw();
  assert.ok(isRefusal(again) && again.code === "case-closed");
  assert.ok((await notices(caseId)).includes("termination"));
});

test("the head extends the limit by five working days and the applicant is told", async () => {
  const caseId = await submitted();
  await done("accept", { caseId, element: "acceptance", form: { outcome: "accept", siteCheckNeeded: "no" } });
  const { kernel } = county.node.site;
  const asked = await sendToCase(kernel, await county.officialAct("inspector1", { caseId }), {
    caseId,
    message: "extensionRequested",
    form: { note: "需要核实合作方" },
  });
  assert.ok(!isRefusal(asked));
  await done("head", { caseId, element: "extension", form: { outcome: "approve", reasons: "情况复杂" } });
  const view = await county.until(caseId, (reached) => reached.at.includes("examination"));
  assert.deepEqual(
    view.clocks.find((clock) => clock.id === "decision")?.extensions.map((extension) => extension.amount),
    [5],
  );
  assert.ok((await notices(caseId)).includes("extension"));
});

test("a decision closes the case although a request for an extension still waits", async () => {
  const caseId = await submitted();
  await done("accept", { caseId, element: "acceptance", form: { outcome: "accept", siteCheckNeeded: "no" } });
  const act = await county.officialAct("inspector1", { caseId });
  const form = { note: "可能需要延期" };
  const asked = await sendToCase(county.node.site.kernel, act, { caseId, message: "extensionRequested", form });
  assert.ok(!isRefusal(asked));
  await done("inspector1", { caseId, element: "examination", form: { outcome: "propose-grant" } });
  await done("decider", { caseId, element: "decision", form: { outcome: "grant" } });
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "licensed");
  assert.deepEqual(view.openTasks, []);
});

test("whoever recused himself is out of the case", async () => {
  const caseId = await submitted();
  await done("accept", { caseId, element: "acceptance", form: { outcome: "accept", siteCheckNeeded: "yes" } });
  const { kernel } = county.node.site;
  const { openTasks } = (await kernel.procedures.view(kernel.database, caseId)) ?? { openTasks: [] };
  const taskId = openTasks[0]?.taskId ?? 0;
  const act = await county.officialAct("inspector1", { caseId });
  assert.ok(!isRefusal(await recuse(kernel, act, { caseId, taskId, reason: "申请人是亲属" })));
  const barred = await county.doTask("inspector1", { caseId, element: "siteCheck", form: SITE_CHECK });
  assert.ok(isRefusal(barred) && barred.code === "task-recused");
});

test("someone else's case answers like one that is not there, and an official's look is on the record", async () => {
  const caseId = await submitted();
  const { kernel } = county.node.site;
  const stranger = county.ownerAct({
    principal: { kind: "person", id: kernel.newId(), assurance: 1 },
    onBehalfOf: undefined,
  });
  const hidden = await caseForApplicant(kernel, stranger, caseId);
  const absent = await caseForApplicant(kernel, stranger, kernel.newId());
  assert.ok(isRefusal(hidden) && isRefusal(absent));
  assert.deepEqual(hidden, absent);
  const seen = await caseForOfficial(kernel, await county.officialAct("accept", { caseId }), caseId);
  assert.ok(!isRefusal(seen));
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 50 });
  assert.ok(records.some((record) => record.leaf.type === "read" && record.content?.caseId === caseId));
});
