import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { addCaseMaterial } from "#kernel/services/case-materials";
import { counterDrafts } from "#kernel/services/counter";
import { startDraft } from "#kernel/services/drafts";
import { noteListView } from "#kernel/services/list-views";
import { previewDecision } from "#kernel/services/preview";
import type { Kernel } from "#kernel/system/kernel";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

let county: LicensingCounty;
let kernel: Kernel;
before(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());
const { done, submitted } = licensingSteps(() => county);

async function looks(operation: string): Promise<number> {
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 200 });
  return records.filter(({ leaf }) => leaf.room === "services" && leaf.operation === operation).length;
}

test("a list that names applicants is one entry a day for each official, and a name that came since is one more", async () => {
  const act = await county.officialAct("inspector1", { purpose: "case" });
  const shop = { kind: "organization", id: county.shop, personId: county.owner } as const;
  const others = [kernel.newId(), kernel.newId()].map((id) => ({ kind: "person", id, personId: id }) as const);
  const look = (applicants: readonly (typeof shop | (typeof others)[number])[]) =>
    noteListView(kernel, act, { list: "my-tasks", applicants });
  await look([shop, ...others]);
  await Promise.all([look([shop, ...others]), look([shop])]);
  assert.equal(await looks("my-tasks"), 1);
  const [record] = (await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 200 })).records.filter(
    ({ leaf }) => leaf.operation === "my-tasks",
  );
  assert.equal(record?.leaf.subjects?.count, 4, "one entry over the root of all of them");
  assert.deepEqual(
    record?.subjects.map(({ id }) => id),
    [county.owner],
    "of the others nothing is told",
  );
  const later = kernel.newId();
  await look([shop, { kind: "person", id: later, personId: later } as never]);
  assert.equal(await looks("my-tasks"), 1);
  assert.equal((await kernel.ledger.bySubject({ kind: "person", id: later }, { limit: 10 })).records.length, 1);
  await noteListView(kernel, await county.officialAct("inspector2"), { list: "my-tasks", applicants: [shop] });
  assert.equal(await looks("my-tasks"), 2);
});

test("the drafts at a counter are on the record of those whom they name", async () => {
  const act = await county.officialAct("counter", { purpose: "case" });
  const applicant = { kind: "organization", id: county.shop, personId: county.owner } as const;
  const draft = await startDraft(kernel, act, { room: "quality", service: "foodBusinessLicence" }, applicant);
  assert.ok(!isRefusal(draft));
  assert.equal((await counterDrafts(kernel, act)).length, 1);
  await counterDrafts(kernel, act);
  assert.equal(await looks("counter-drafts"), 1);
});

test("a document is handed in by who may answer, while the case waits, and not a moment later", async () => {
  const caseId = await submitted();
  const bytes = Buffer.from("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n% m\n");
  const file = { field: "rules", name: "制度.pdf", mediaType: "application/pdf", bytes };
  const { scanner } = county.node.site;
  const upload = { caseId, name: "rules", file, scanner };
  const early = await addCaseMaterial(kernel, county.ownerAct(), upload);
  assert.ok(isRefusal(early) && early.code === "not-waiting");
  await done("accept", caseId, "acceptance", { outcome: "supplement", missing: "制度：请提交", supplementDays: 5 });
  const alone = await addCaseMaterial(kernel, county.ownerAct({ onBehalfOf: undefined }), upload);
  assert.ok(isRefusal(alone) && alone.code === "not-an-applicant");
  const slow = {
    scan: async (content: Uint8Array) => {
      await county.fireTimer(caseId, "supplementLapse");
      return scanner.scan(content);
    },
  };
  const late = await addCaseMaterial(kernel, county.ownerAct(), { ...upload, scanner: slow });
  assert.ok(isRefusal(late) && late.code === "case-closed", JSON.stringify(late));
});

test("the preview of a grant says how long the licence will be valid", async () => {
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  const view = await kernel.procedures.view(kernel.database, caseId);
  const taskId = view?.openTasks[0]?.taskId ?? 0;
  let drawn: { variables: Record<string, unknown> } | undefined;
  const documents = {
    render: async ({ data }: { data: unknown }) => {
      drawn = data as never;
      return { pdf: new Uint8Array() };
    },
  };
  const act = await county.officialAct("decider", { caseId });
  const call = { caseId, taskId, form: { outcome: "grant" } };
  const preview = await previewDecision(kernel, act, call, { ...county.node.site, documents } as never);
  assert.ok(!isRefusal(preview));
  assert.match(String(drawn?.variables["validFrom"]), /^\d{4}-\d\d-\d\d$/);
  assert.match(String(drawn?.variables["validUntil"]), /^\d{4}-\d\d-\d\d$/);
});
