import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { sendToCase } from "#kernel/services/case-messages";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { daysAhead, licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { checked, done, notices, sent } = licensingSteps(() => county);

const ARRANGED = {
  heldOn: daysAhead(16),
  heldAt: "09:30",
  place: "三楼听证室",
  manner: "public",
  clerk: "李敏",
};
const OFFER = { outcome: "hearing", reasons: "油烟排放涉及相邻业主的重大利益" };

/** A case in which a hearing was asked for. */
async function requested(): Promise<string> {
  const caseId = await checked();
  await done("inspector1", caseId, "examination", OFFER);
  await sent(caseId, "hearingRequested", { note: "要求听证，陈述改造方案" });
  return caseId;
}

test("a hearing from the offer to the decision on its record: told, held by someone else, not counted (45 to 48)", async () => {
  const caseId = await requested();
  const waits = await county.until(caseId, ({ at }) => at.includes("hearingArrangement"));
  const [pause] = waits.clocks.find(({ id }) => id === "decision")?.pauses ?? [];
  assert.ok(pause && pause.to === undefined, "the clock stands from the request on");
  assert.equal(pause.article, "行政许可法第四十五条");

  const early = await county.doTask("hearing", {
    caseId,
    element: "hearingArrangement",
    form: { ...ARRANGED, heldOn: daysAhead(3) },
  });
  assert.ok(isRefusal(early) && early.issues[0]?.path === "heldOn", "seven working days' notice (48)");
  const late = await county.doTask("hearing", {
    caseId,
    element: "hearingArrangement",
    form: { ...ARRANGED, heldOn: daysAhead(60) },
  });
  assert.ok(isRefusal(late) && late.issues[0]?.path === "heldOn", "within twenty working days (47)");
  const examiner = await county.doTask("inspector1", { caseId, element: "hearingArrangement", form: ARRANGED });
  assert.ok(isRefusal(examiner), "the chair did not examine (48)");

  await done("hearing", caseId, "hearingArrangement", ARRANGED);
  assert.ok((await notices(caseId)).some(({ kind }) => kind === "hearing"));
  const heldLater = { outcome: "held", heldOn: daysAhead(5), attendees: "申请人", record: "…", signed: "yes" };
  const future = await county.doTask("hearing", { caseId, element: "hearing", form: heldLater });
  assert.ok(isRefusal(future) && future.issues[0]?.path === "heldOn", "no record before the hearing");
  const held = {
    outcome: "held",
    heldOn: daysAhead(0),
    attendees: "申请人林晓竹，审查人员赵翀",
    record: "申请人陈述已与相邻业主商定加装油烟净化设施，并出示协议。",
    signed: "yes",
  };
  const unsigned = await county.doTask("hearing", { caseId, element: "hearing", form: { ...held, signed: undefined } });
  assert.ok(isRefusal(unsigned) && unsigned.issues[0]?.path === "signed");
  const other = await county.doTask("hearing2", { caseId, element: "hearing", form: held });
  assert.ok(
    isRefusal(other) && other.code === "outcome-barred",
    "the chair of the notice holds it, and nobody else (48)",
  );
  await done("hearing", caseId, "hearing", held);
  const heard = await county.until(caseId, ({ at }) => at.includes("examination"));
  assert.ok(
    heard.clocks[0]?.pauses.every(({ to }) => to !== undefined),
    "the clock runs again",
  );

  const again = await county.doTask("inspector1", { caseId, element: "examination", form: OFFER });
  assert.ok(isRefusal(again) && again.code === "outcome-barred");
  await done("inspector1", caseId, "examination", { outcome: "propose-grant", reasons: "已加装净化设施" });
  const silent = await county.doTask("decider", { caseId, element: "decision", form: { outcome: "grant" } });
  assert.ok(isRefusal(silent) && silent.code === "outcome-barred", "the decision says what it made of the record (48)");
  await done("decider", caseId, "decision", { outcome: "grant", reasons: "采纳听证意见：加装净化设施后符合要求" });
  const view = await county.until(caseId, ({ status }) => status !== "running");
  assert.equal(view.outcome, "licensed");
  assert.ok((await notices(caseId)).some(({ kind }) => kind === "grant"));
});

test("a hearing that is put off for good reason is arranged and announced again", async () => {
  const caseId = await requested();
  await done("hearing", caseId, "hearingArrangement", ARRANGED);
  const putOff = { outcome: "postponed", heldOn: daysAhead(0), record: "申请人因病请求延期，附医院证明。" };
  await done("hearing", caseId, "hearing", putOff);
  await done("hearing2", caseId, "hearingArrangement", { ...ARRANGED, heldOn: daysAhead(45) });
  assert.equal((await notices(caseId)).filter(({ kind }) => kind === "hearing").length, 2);
  const held = { outcome: "absent", heldOn: daysAhead(0), record: "无人到场。" };
  const former = await county.doTask("hearing", { caseId, element: "hearing", form: held });
  assert.ok(isRefusal(former) && former.code === "outcome-barred", "the notice names another chair now");
});

test("a chair who was told to stand down does not arrange the hearing again (48)", async () => {
  const caseId = await requested();
  await done("hearing", caseId, "hearingArrangement", ARRANGED);
  await sent(caseId, "chairChallenged", { note: "主持人与相邻业主有亲属关系" });
  await done("head", caseId, "chairChallenge", { outcome: "uphold", reasons: "经核实有直接利害关系" });
  const again = await county.doTask("hearing", { caseId, element: "hearingArrangement", form: ARRANGED });
  assert.ok(isRefusal(again) && again.code === "outcome-barred");
  assert.deepEqual(again.issues, [], "the form asks for no outcome beside which it could be told");
  await done("hearing2", caseId, "hearingArrangement", ARRANGED);
});

test("a chair who was told to stand down after a hearing was put off stays out, whoever arranges later (48)", async () => {
  const caseId = await requested();
  await done("hearing", caseId, "hearingArrangement", ARRANGED);
  const putOff = { outcome: "postponed", heldOn: daysAhead(0), record: "申请人因病请求延期。" };
  await done("hearing", caseId, "hearing", putOff);
  await done("hearing2", caseId, "hearingArrangement", { ...ARRANGED, heldOn: daysAhead(45) });
  await sent(caseId, "chairChallenged", { note: "主持人与相邻业主有亲属关系" });
  await done("head", caseId, "chairChallenge", { outcome: "uphold", reasons: "经核实有直接利害关系" });
  const barred = async () => {
    const again = await county.doTask("hearing2", { caseId, element: "hearingArrangement", form: ARRANGED });
    return isRefusal(again) && again.code;
  };
  assert.equal(await barred(), "outcome-barred");
  await done("hearing", caseId, "hearingArrangement", { ...ARRANGED, heldOn: daysAhead(45) });
  await done("hearing", caseId, "hearing", putOff);
  assert.equal(await barred(), "outcome-barred", "also when another's hearing is put off");
  await done("hearing", caseId, "hearingArrangement", { ...ARRANGED, heldOn: daysAhead(45) });
});

test("who does not ask within five working days is not heard any more, and the examination goes on (47)", async () => {
  const caseId = await checked();
  await done("inspector1", caseId, "examination", OFFER);
  await county.fireTimer(caseId, "hearingWaived");
  const view = await county.until(caseId, ({ at }) => at.includes("examination"));
  assert.deepEqual(view.clocks[0]?.pauses, [], "nothing was held, so nothing stands still");
  const asked = await sendToCase(county.node.site.kernel, county.ownerAct(), {
    caseId,
    message: "hearingRequested",
    form: { note: "要求听证" },
  });
  assert.ok(isRefusal(asked) && asked.code === "not-waiting");
  const again = await county.doTask("inspector1", { caseId, element: "examination", form: OFFER });
  assert.ok(isRefusal(again) && again.code === "outcome-barred");
});

test("a test stops the clock until its result is in, and is announced with the time it will take (45)", async () => {
  const caseId = await checked();
  const unnamed = await county.doTask("inspector1", {
    caseId,
    element: "examination",
    form: { outcome: "special", reasons: "需要检测" },
  });
  assert.ok(isRefusal(unnamed) && unnamed.issues[0]?.path === "specialKind");
  const special = {
    outcome: "special",
    specialKind: "testing",
    specialDays: 8,
    reasons: "加工用水来自自备水源，依法需要检测。",
  };
  await done("inspector1", caseId, "examination", special);
  const waits = await county.until(caseId, ({ at }) => at.includes("specialProcedure"));
  assert.equal(waits.clocks[0]?.pauses.length, 1);
  assert.ok((await notices(caseId)).some(({ kind }) => kind === "exclusion"));
  const result = { doneBy: "清源县检验检测中心", result: "报告 QY-2026-118：符合 GB 5749。" };
  await done("inspector1", caseId, "specialProcedure", result);
  const view = await county.until(caseId, ({ at }) => at.includes("examination"));
  assert.ok(view.clocks[0]?.pauses.every(({ to }) => to !== undefined));
});
