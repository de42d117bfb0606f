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
const { checked, done, endsOn, licence, licensed, notices, submitted } = licensingSteps(() => county);

const END = daysAhead(45);

/** A licence whose end is near enough for a renewal. */
async function ending(): Promise<string> {
  const number = await licensed();
  await endsOn(number, END);
  return number;
}

async function withdrawn(caseId: string): Promise<void> {
  const message = { caseId, message: "withdrawn", form: {} };
  assert.ok(!isRefusal(await sendToCase(county.node.site.kernel, county.ownerAct(), message)));
}

test("one open case a licence and kind: a second renewal is refused, also at the same moment, and names the first", async () => {
  const licenceNumber = await ending();
  const renewal = { kind: "renewal", licenceNumber };
  const drafts = await Promise.all([county.draft(renewal), county.draft(renewal), county.draft(renewal)]);
  const outcomes = await Promise.all(drafts.map((draft) => county.submit(draft)));
  const made = outcomes.filter((outcome) => !isRefusal(outcome));
  const [first] = made;
  assert.ok(first && made.length === 1 && !isRefusal(first));
  for (const refused of outcomes.filter(isRefusal)) {
    assert.equal(refused.code, "case-open");
    assert.ok(refused.text.zh.includes(first.number), refused.text.zh);
  }
  const change = await county.submit(await county.draft({ kind: "change", licenceNumber }));
  assert.ok(isRefusal(change) && change.code === "case-open", "the later of the two would undo the earlier");
  const reissue = await county.submit(await county.draft({ kind: "reissue", licenceNumber }));
  assert.ok(!isRefusal(reissue), "a replacement touches nothing");
  await withdrawn(first.caseId);
  assert.ok(!isRefusal(await county.submit(await county.draft({ kind: "change", licenceNumber }))));
});

test("a renewal that nobody decided before the term was over is granted by law: told, published, on record (50)", async () => {
  const licenceNumber = await ending();
  const before = await licence(licenceNumber);
  const caseId = await checked({ kind: "renewal", licenceNumber, premises: "清源县湖滨街道翠竹路28号" });
  await county.fireTimer(caseId, "renewalTerm");
  const view = await county.until(caseId, ({ status }) => status !== "running");
  assert.equal(view.outcome, "licensed");
  assert.deepEqual(view.openTasks, []);
  // The register is written by a command that follows the case's end.
  let after = await licence(licenceNumber);
  for (let tries = 0; after.value.validFrom !== daysAhead(46) && tries < 600; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    after = await licence(licenceNumber);
  }
  assert.equal(after.value.validFrom, daysAhead(46));
  assert.equal(after.value.caseId, caseId);
  assert.equal(after.value.premises, before.value.premises, "it goes on as it was");
  const kinds = (await notices(caseId)).map(({ kind }) => kind);
  assert.ok(kinds.includes("renewal-by-silence") && !kinds.includes("grant"), kinds.join());
  const { kernel } = county.node.site;
  const act = county.ownerAct({ purpose: "public-information" });
  const input = { caseNumber: view.number };
  for (let tries = 0; ; tries += 1) {
    const published = await kernel.perform(act, { room: "disclosure", operation: "findDecision", input });
    if (!isRefusal(published)) {
      assert.match(String((published as { content: string }).content), /视为准予延续/);
      break;
    }
    assert.ok(tries < 600, "it was not published");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await kernel.ledger.sequenceNow();
  assert.deepEqual((await kernel.ledger.verify()).findings, []);
});

test("when the term is over, no official can decide otherwise any more, whether the timer has run or not", async () => {
  const licenceNumber = await ending();
  const caseId = await checked({ kind: "renewal", licenceNumber });
  await done("inspector1", caseId, "examination", { outcome: "propose-refuse", reasons: "条件变化" });
  county.setNow(`${daysAhead(46)}T01:00:00+08:00`.replace("+08:00", "Z"));
  const refusal = await county.doTask("decider", {
    caseId,
    element: "decision",
    form: { outcome: "refuse", reasons: "条件变化" },
  });
  county.setNow(undefined);
  assert.ok(isRefusal(refusal) && refusal.code === "outcome-barred", JSON.stringify(refusal));
});

test("a renewal that was decided in time ends as it was decided, and nothing but a renewal is ever granted by silence", async () => {
  const licenceNumber = await ending();
  const caseId = await checked({ kind: "renewal", licenceNumber });
  await done("inspector1", caseId, "examination", { outcome: "propose-refuse", reasons: "条件变化" });
  await done("decider", caseId, "decision", { outcome: "refuse", reasons: "条件变化" });
  const view = await county.until(caseId, ({ status }) => status !== "running");
  assert.equal(view.outcome, "notLicensed");
  assert.deepEqual(view.timers, []);
  for (const form of [{}, { kind: "change", licenceNumber }]) {
    const other = await submitted(form);
    await done("accept", other, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
    const { timers } = await county.until(other, ({ at }) => at.includes("examination"));
    assert.deepEqual(timers, []);
  }
});
