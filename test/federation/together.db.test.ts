import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { evidenceForOfficial } from "#kernel/services/case-evidence";
import { decideTogether } from "#kernel/services/decide-together";
import { recordsOf } from "#kernel/services/records";
import type { Kernel } from "#kernel/system/kernel";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
let kernel: Kernel;
before(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());
const { done, notices, submitted } = licensingSteps(() => county);

async function ready(): Promise<{ readonly caseId: string; readonly taskId: number }> {
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  const view = await kernel.procedures.view(kernel.database, caseId);
  return { caseId, taskId: view?.openTasks[0]?.taskId ?? 0 };
}

/** Whose signatures they are is not the question here. */
const NO_CERTIFICATES = { issuers: async () => [], statement: async () => undefined, entriesAbout: async () => [] };

async function decide(signInName: string, tasks: readonly { caseId: string; taskId: number }[], form: object) {
  const { signer } = county.node.site;
  const act = await county.officialAct(signInName);
  return decideTogether(kernel, act, { tasks, form: form as never, signer, signerName: "吴守正" });
}

test("several ready cases are granted in one signed act, each with its own ledger entry, notice and licence", async () => {
  const tasks = [await ready(), await ready(), await ready()];
  const outcome = await decide("decider", tasks, { outcome: "grant" });
  assert.ok(!isRefusal(outcome), JSON.stringify(outcome));
  assert.equal(outcome.numbers.length, 3);
  const signatures = new Set<string>();
  const licences = new Set<string>();
  for (const { caseId } of tasks) {
    const view = await county.until(caseId, ({ status }) => status !== "running");
    assert.equal(view.outcome, "licensed");
    licences.add(String(view.variables["licenceNumber"]));
    assert.ok((await notices(caseId)).some(({ kind }) => kind === "grant"));
    const { records } = await kernel.ledger.byCase(caseId, { limit: 100 });
    const decisions = records.filter(({ leaf }) => leaf.operation.endsWith("task.decision"));
    assert.deepEqual(
      decisions.map(({ leaf }) => leaf.type),
      ["decision"],
    );
    const decided = (await recordsOf(kernel, caseId)).find(({ element }) => element === "decision");
    const together = decided?.content["together"] as { numbers: string[]; statement: string };
    assert.deepEqual(together.numbers, outcome.numbers);
    signatures.add(together.statement);
    const bundle = await evidenceForOfficial(
      kernel,
      { ...(await county.officialAct("decider")), caseId },
      caseId,
      NO_CERTIFICATES,
    );
    assert.ok(!isRefusal(bundle));
    const shown = bundle.documents.filter(({ name }) => name.endsWith(".signed.json"));
    const joint = shown.find(({ signature }) => JSON.stringify(signature).includes(together.statement));
    assert.ok(joint, "what was signed together stands in the bundle with its signature");
    const report = await verifyFile(new TextEncoder().encode(JSON.stringify(bundle)), {
      roots: [],
      atMs: Date.now(),
      logKey: parseLogKey(kernel.ledger.verifierKey),
    });
    assert.equal(report.verdict, "unanchored", JSON.stringify(report.findings));
    assert.ok(report.findings.every(({ weight, code }) => weight !== "open" || code === "no-root"));
  }
  assert.equal(signatures.size, 1);
  assert.equal(licences.size, 3);
});

test("all or none: a case that was decided meanwhile, a refusal, an examiner: nothing is decided", async () => {
  const [one, other] = [await ready(), await ready()];
  const refused = await decide("decider", [one, other], { outcome: "refuse", reasons: "条件不符" });
  assert.ok(isRefusal(refused) && refused.code === "outcome-barred");
  const examiner = await decide("inspector1", [one, other], { outcome: "grant" });
  assert.ok(isRefusal(examiner) && examiner.code === "case-unknown");
  await done("decider2", other.caseId, "decision", { outcome: "refuse", reasons: "条件不符" });
  const late = await decide("decider", [one, other], { outcome: "grant" });
  assert.ok(isRefusal(late), "one of them is over");
  const view = await kernel.procedures.view(kernel.database, one.caseId);
  assert.deepEqual(
    view?.openTasks.map(({ element }) => element),
    ["decision"],
  );
});
