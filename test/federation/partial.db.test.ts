import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readApplication } from "#kernel/services/application";
import { factsOf } from "#kernel/services/notices";
import { recordsOf } from "#kernel/services/records";
import { noticeData } from "../../src/standards/procedures/notices/notice-documents.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { done, licence, notices, submitted } = licensingSteps(() => county);

const REASONS = "现场没有自制饮品的专用操作区。";

/** A case whose examiner proposes to grant a part. */
async function examined(): Promise<string> {
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await done("inspector1", caseId, "examination", { outcome: "propose-partial", reasons: REASONS });
  return caseId;
}

test("a grant in part: the licence has what was granted, the decision says what was refused and why", async () => {
  const caseId = await examined();
  const decision = { outcome: "partial", refusedItems: "自制饮品制售：没有专用操作区", reasons: REASONS };
  await done("decider", caseId, "decision", decision);
  const view = await county.until(caseId, ({ status }) => status !== "running");
  assert.equal(view.outcome, "licensed");
  const { value } = await licence(String(view.variables["licenceNumber"]));
  assert.deepEqual(value.scope, ["热食类食品制售"], "what is refused with its reason is not in the licence");

  const { kernel, posts } = county.node.site;
  const sent = (await notices(caseId)).find(({ kind }) => kind === "grant");
  const application = await readApplication(kernel, kernel.database, caseId);
  assert.ok(sent && application);
  const facts = await factsOf(kernel, posts, {
    kind: "grant",
    number: sent.number,
    issuedAt: sent.issuedAt,
    content: { applicantName: "清源县翠竹小吃店" },
    application,
    variables: view.variables,
    clocks: view.clocks,
    records: await recordsOf(kernel, caseId),
  });
  const says = noticeData(facts, { publicUrl: county.node.address, demonstration: true }).grant();
  assert.deepEqual(says.scope, ["热食类食品制售"]);
  assert.deepEqual(says.refusedScope, [{ scope: "自制饮品制售", reason: "没有专用操作区" }]);
});

test("a decision that refuses what was not applied for grants nothing: it comes back to be decided anew", async () => {
  const caseId = await examined();
  await done("decider", caseId, "decision", { outcome: "partial", refusedItems: "饮品", reasons: REASONS });
  const stopped = await county.until(caseId, ({ at }) => at.includes("repair"));
  assert.equal(stopped.variables["licenceNumber"], undefined);
  await done("inspector1", caseId, "repair", { outcome: "return", reasons: "不予许可的项目名称与申请不一致。" });
  await done("inspector1", caseId, "examination", { outcome: "propose-partial", reasons: REASONS });
  await done("decider", caseId, "decision", { outcome: "partial", refusedItems: "自制饮品制售", reasons: REASONS });
  const view = await county.until(caseId, ({ status }) => status !== "running");
  assert.equal(view.outcome, "licensed");
  assert.deepEqual(view.variables["scope"], ["热食类食品制售"]);
});
