import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import type { Procedures } from "#kernel/procedures/procedures";
import { knownService, readApplication } from "#kernel/services/application";
import { caseJobs } from "#kernel/services/case-jobs";
import { sendToCase } from "#kernel/services/case-messages";
import { FIRE_TIMER, RUN_SLOT } from "#kernel/services/case-step";
import { caseForOfficial, myCases } from "#kernel/services/case-views";
import { addMaterial, readDraft, startDraft } from "#kernel/services/drafts";
import { deliverNotice, noticesOf, openNotice } from "#kernel/services/notices";
import { digestToSign, submitDraft } from "#kernel/services/submission";
import { queueOf } from "#kernel/services/task-lists";
import { completeTask } from "#kernel/services/tasks";
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

/** A case that waits for its decision. */
async function examined(form: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const caseId = await submitted(form);
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  return caseId;
}

async function refusalsOnRecord(caseId: string): Promise<readonly string[]> {
  const { records } = await kernel.ledger.byCase(caseId, { limit: 100 });
  return records.filter(({ leaf }) => leaf.type === "refused").map(({ leaf }) => leaf.operation);
}

/** The kernel, with something that happens just after a case was looked at. */
function afterLook(happens: () => Promise<unknown>): Kernel {
  let looked = false;
  const procedures = new Proxy(kernel.procedures, {
    get(target, name) {
      if (name !== "view") return Reflect.get(target, name, target)?.bind?.(target);
      return async (...asked: Parameters<Procedures["view"]>) => {
        const view = await target.view(...asked);
        if (!looked) {
          looked = true;
          await happens();
        }
        return view;
      };
    },
  });
  return { ...kernel, procedures };
}

test("what is marked as a state secret is taken neither in an application nor in a step, and its place is named", async () => {
  const handed = await county.submit(await county.draft({ premises: "县前街1号（机密★10年）" }));
  assert.ok(isRefusal(handed));
  assert.deepEqual(
    handed.issues.map(({ path }) => path),
    ["premises"],
  );
  const caseId = await submitted();
  const accept = { outcome: "accept", siteCheckNeeded: "no", reasons: "★秘密" };
  await assert.rejects(done("accept", caseId, "acceptance", accept), /国家秘密/);
});

test("officials of the authority into which another was merged see and do its cases, and nobody else does", async () => {
  const caseId = await submitted();
  const official = await county.official("accept");
  const [old, successor] = [official.post.authority, kernel.newId()];
  const merged: Kernel = {
    ...kernel,
    oneWith: (authority) => (authority === old || authority === successor ? [old, successor] : [authority]),
  };
  const actOf = async (authority: string) => {
    const act = await county.officialAct("accept", { id: kernel.newId() });
    return { ...act, principal: { ...official, post: { ...official.post, authority } } };
  };
  const listed = async (of: Kernel, authority: string) => {
    const act = await actOf(authority);
    const items = await queueOf(of, act, { post: act.principal.post });
    return items.some((one) => one.caseId === caseId);
  };
  const refusal = async (of: Kernel, authority: string) => {
    const seen = await caseForOfficial(of, await actOf(authority), caseId);
    return isRefusal(seen) ? seen.code : undefined;
  };
  assert.deepEqual([await refusal(kernel, successor), await listed(kernel, successor)], ["case-unknown", false]);
  assert.deepEqual(
    [await refusal(merged, kernel.newId()), await listed(merged, kernel.newId())],
    ["case-unknown", false],
  );
  // Also in a list that is filtered in the database, and for whoever still holds a post of the one that ended.
  for (const authority of [old, successor]) {
    assert.deepEqual([await refusal(merged, authority), await listed(merged, authority)], [undefined, true]);
  }
  const view = await kernel.procedures.view(kernel.database, caseId);
  const taskId = view?.openTasks.find(({ element }) => element === "acceptance")?.taskId ?? 0;
  const form = { outcome: "accept", siteCheckNeeded: "no" };
  const step = { caseId, taskId, form, signing: undefined as never }; // nothing is signed in this step
  assert.ok(isRefusal(await completeTask(kernel, await actOf(successor), step)));
  const completed = await completeTask(merged, await actOf(successor), step);
  assert.ok(!isRefusal(completed), JSON.stringify(completed));
});

test("a withdrawal that meets the decision: the decision stands", async () => {
  const caseId = await examined();
  const meanwhile = afterLook(() => done("decider", caseId, "decision", { outcome: "grant" }));
  const sent = await sendToCase(meanwhile, county.ownerAct(), { caseId, message: "withdrawn", form: {} });
  assert.ok(isRefusal(sent) && sent.code === "not-waiting", JSON.stringify(sent));
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "licensed");
});

test("work that a case asked for is not done when the case asks no more", async () => {
  const caseId = await submitted();
  const withdrawn = await sendToCase(kernel, county.ownerAct(), { caseId, message: "withdrawn", form: {} });
  assert.ok(!isRefusal(withdrawn));
  const job = { caseId, serviceId: 7, slot: "grant" };
  await caseJobs(kernel, county.node.site)[RUN_SLOT]?.(job as never, { number: 1, last: false });
  const licences = await kernel.registers
    .get("quality.foodLicence")
    ?.handle({
      reader: () => kernel.database,
      writer: () => assert.fail("nothing is written"),
      act: county.ownerAct(),
      authority: "",
      note: () => undefined,
    })
    .find({ caseId } as never);
  assert.deepEqual(licences?.items, []);
});

test("whoever does not act for the organization any more sees its case and cannot withdraw it", async () => {
  const caseId = await submitted();
  const message = { caseId, message: "withdrawn", form: {} };
  const alone = await sendToCase(kernel, county.ownerAct({ onBehalfOf: undefined }), message);
  assert.ok(isRefusal(alone) && alone.code === "not-an-applicant");
  const other = { kind: "organization", id: kernel.newId(), name: "别的店", right: "agent" } as const;
  const elsewhere = await sendToCase(kernel, county.ownerAct({ onBehalfOf: other }), message);
  assert.ok(isRefusal(elsewhere) && elsewhere.code === "not-an-applicant");
  assert.deepEqual(await refusalsOnRecord(caseId), Array(2).fill("foodBusinessLicence.message.withdrawn"));
});

test("a message to a case is decided by the access rules, and a refused one is on the record", async () => {
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  const message = { caseId, message: "extensionRequested", form: { note: "需要核实" } };
  const examiner = await county.officialAct("inspector1", { caseId });
  for (const act of [
    { ...examiner, purpose: undefined },
    { ...examiner, purpose: "own-affairs" as const },
    await county.officialAct("accept", { caseId }),
  ]) {
    const sent = await sendToCase(kernel, act, message);
    assert.ok(isRefusal(sent) && sent.code === "case-unknown");
  }
  assert.equal((await refusalsOnRecord(caseId)).length, 3);
  assert.ok(!isRefusal(await sendToCase(kernel, examiner, message)));
});

test("a reply that comes before its case waits for it is delivered again", async () => {
  const caseId = await examined();
  // The step after the grant fails as if the connection had gone, while the certificate is already being made.
  await kernel.database.query(`CREATE FUNCTION procedure.fail() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''no step now''; END'`);
  await kernel.database.query(`CREATE TRIGGER fail BEFORE DELETE OR UPDATE ON procedure.rest FOR EACH ROW
    WHEN (OLD.case_id = '${caseId}' AND OLD.kind = 'service') EXECUTE FUNCTION procedure.fail()`);
  await done("decider", caseId, "decision", { outcome: "grant" });
  const replied = async () => {
    const [row] = await kernel.database.query<{ status: string; tried: boolean }>(
      `SELECT m.status, EXISTS (SELECT FROM graphile_worker.jobs j WHERE j.key = m.id::text AND j.last_error IS NOT NULL) AS tried
       FROM act.message m WHERE m.case_id = $1 AND m.operation = 'issueLicence'`,
      [caseId],
    );
    return row !== undefined && (row.status !== "waiting" || row.tried);
  };
  while (!(await replied())) await new Promise((resolve) => setTimeout(resolve, 50));
  await kernel.database.query("DROP TRIGGER fail ON procedure.rest");
  const hurry = () => kernel.database.query("UPDATE graphile_worker._private_jobs SET run_at = now()");
  await hurry();
  await county.until(caseId, (reached) => !reached.at.includes("grant"));
  await hurry();
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "licensed");
});

test("nobody has the registers asked about someone else: a draft is begun by the applicant, or at a counter", async () => {
  const ref = { room: "quality", service: "foodBusinessLicence" };
  const applicant = { kind: "organization", id: county.shop, personId: county.owner } as const;
  const stranger = { kind: "person", id: kernel.newId(), assurance: 1 } as const;
  for (const act of [await county.officialAct("accept"), county.ownerAct({ principal: stranger })]) {
    const begun = await startDraft(kernel, act, ref, applicant);
    assert.ok(isRefusal(begun) && begun.code === "service-unknown", JSON.stringify(begun));
  }
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 100 });
  const refused = records.filter(({ leaf }) => leaf.operation === "foodBusinessLicence.draft");
  assert.deepEqual(
    refused.map(({ leaf }) => leaf.type),
    ["refused", "refused"],
  );
  assert.ok(!isRefusal(await startDraft(kernel, await county.officialAct("counter"), ref, applicant)));
});

test("a file that comes while the draft is being submitted is not part of what was signed", async () => {
  const draftId = await county.draft();
  const { scanner, signer } = county.node.site;
  const bytes = Buffer.from(
    "%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n% more\n",
  );
  const file = { field: "rules", name: "制度.pdf", mediaType: "application/pdf", bytes };
  const upload = { draftId, name: "rules", file, scanner };
  const meanwhile = {
    ...signer,
    signAs: async (request: Parameters<typeof signer.signAs>[0]) => {
      assert.ok(!isRefusal(await addMaterial(kernel, county.ownerAct(), upload)));
      return signer.signAs(request);
    },
  };
  const slow = {
    scan: async (content: Uint8Array) => {
      const draft = await readDraft(kernel, kernel.database, county.ownerAct(), draftId);
      assert.ok(!isRefusal(draft));
      const digest = digestToSign(knownService(kernel, draft).service, draft) ?? "";
      const signing = { signer: meanwhile, signerName: "林晓竹", words: "x", digest };
      const sent = await submitDraft(kernel, county.ownerAct(), { draftId, signing });
      assert.ok(!isRefusal(sent));
      return scanner.scan(content);
    },
  };
  const late = await addMaterial(kernel, county.ownerAct(), { ...upload, scanner: slow });
  assert.ok(isRefusal(late) && late.code === "draft-unknown");
  const application = await readApplication(kernel, kernel.database, draftId);
  assert.deepEqual(
    application?.materials.map(({ name }) => name),
    ["floorPlan"],
  );
});

test("a task that is over is told to those who may see the case, and to no one else", async () => {
  const caseId = await submitted();
  const signing = { signer: county.node.site.signer, signerName: "受理" };
  const call = { caseId, taskId: 9_999, form: {}, signing };
  const own = await completeTask(kernel, await county.officialAct("accept", { caseId }), call);
  assert.ok(isRefusal(own) && own.code === "task-gone");
  const act = await county.officialAct("accept", { caseId });
  assert.ok(act.principal.kind === "official");
  const post = { ...act.principal.post, authority: kernel.newId() };
  const foreign = await completeTask(kernel, { ...act, principal: { ...act.principal, post } }, call);
  assert.ok(isRefusal(foreign) && foreign.code === "case-unknown");
  assert.equal((await refusalsOnRecord(caseId)).length, 1);
});

test("a notice that two processes draw at once is delivered and sealed once; a first opening is recorded once", async () => {
  const caseId = await submitted();
  await county.until(caseId, () => true);
  const [receipt] = await noticesOf(kernel.database, caseId);
  assert.ok(receipt);
  const { site } = county.node;
  await Promise.all([deliverNotice(kernel, receipt.id, site), deliverNotice(kernel, receipt.id, site)]);
  const openings = [1, 2, 3].map(() => openNotice(kernel, county.ownerAct(), receipt.id));
  assert.ok((await Promise.all(openings)).every((opened) => !isRefusal(opened)));
  const { records } = await kernel.ledger.byCase(caseId, { limit: 100 });
  const entries = records.map(({ leaf }) => leaf).filter(({ operation }) => operation.endsWith("notice.receipt"));
  assert.deepEqual(entries.map(({ type }) => type).sort(), ["act", "seal"]);
});

/** Has a licence granted and gives its number. */
async function licensed(form: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const caseId = await examined(form);
  await done("decider", caseId, "decision", { outcome: "grant" });
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "licensed");
  return String(view.variables["licenceNumber"]);
}

async function end(number: string, authority?: string): Promise<unknown> {
  const act = await county.officialAct("decider", { idempotencyKey: kernel.newId() });
  assert.ok(act.principal.kind === "official");
  const post = { ...act.principal.post, ...(authority !== undefined && { authority }) };
  return kernel.perform(
    { ...act, principal: { ...act.principal, post } },
    {
      room: "quality",
      operation: "endLicence",
      input: { number, ground: "penalty", penaltyDecision: "清市监罚〔2026〕12号", reason: "严重违法" },
    },
  );
}

async function statusOf(number: string): Promise<unknown> {
  const found = await kernel.perform(county.ownerAct({ purpose: "public-information" }), {
    room: "quality",
    operation: "findLicence",
    input: { number },
  });
  return (found as { status: string }).status;
}

test("only the authority that issued a licence ends it", async () => {
  const number = await licensed();
  const other = await end(number, kernel.newId());
  assert.ok(isRefusal(other) && other.code === "not-yours");
  assert.equal(await statusOf(number), "valid");
  assert.ok(!isRefusal(await end(number)));
  assert.equal(await statusOf(number), "annulled");
});

test("a licence that ends while a change of it is handled stays ended; the case is decided anew", async () => {
  const number = await licensed();
  const caseId = await examined({ kind: "change", licenceNumber: number, premises: "清源县湖滨街道翠竹路28号" });
  assert.ok(!isRefusal(await end(number)));
  await done("decider", caseId, "decision", { outcome: "grant" });
  await county.until(caseId, (reached) => reached.at.includes("repair"));
  assert.equal(await statusOf(number), "annulled");
  await done("inspector1", caseId, "repair", { outcome: "return", reasons: "原许可证已被吊销" });
  await done("inspector1", caseId, "examination", { outcome: "propose-refuse", reasons: "原许可证已被吊销" });
  await done("decider", caseId, "decision", { outcome: "refuse", reasons: "原许可证已被吊销" });
  const view = await county.until(caseId, (reached) => reached.status !== "running");
  assert.equal(view.outcome, "notLicensed");
  const verified = await kernel.perform(county.ownerAct({ purpose: "verification" }), {
    room: "certificates",
    operation: "verifyNumber",
    input: { number },
  });
  assert.equal((verified as { standing: string }).standing, "annulled");
});

test("nothing is applied for on a licence whose term is over", async () => {
  const number = await licensed();
  const changed = await county.draft({ kind: "change", licenceNumber: number });
  county.setNow(Temporal.Now.zonedDateTimeISO("Asia/Shanghai").add({ years: 5, days: 2 }).toInstant().toString());
  const sent = await county.submit(changed);
  county.setNow(undefined);
  assert.ok(isRefusal(sent) && sent.issues[0]?.path === "licenceNumber", JSON.stringify(sent));
});

test("nobody loses an application by not answering a notice that could not be made", async () => {
  const caseId = await submitted();
  const list = { outcome: "supplement", missing: "平面布局图：请标明洗消区", supplementDays: 5 };
  await done("accept", caseId, "acceptance", list);
  const view = await county.until(caseId, (reached) => reached.timers.length === 1);
  const [timer] = view.timers;
  assert.ok(timer);
  const asked = async () => (await noticesOf(kernel.database, caseId)).find(({ kind }) => kind === "supplement");
  while ((await asked())?.status !== "delivered") await new Promise((resolve) => setTimeout(resolve, 50));
  const id = (await asked())?.id ?? "";
  await kernel.database.query(
    "UPDATE service.notice SET status = 'stopped', digest = NULL, delivered_at = NULL WHERE id = $1",
    [id],
  );
  const due = Temporal.Instant.from(timer.dueAt);
  const fire = async (daysLate: number, held: boolean) => {
    county.setNow(due.add({ hours: 24 * daysLate + 1 }).toString());
    const job = { caseId, timerId: timer.timerId, held };
    await caseJobs(kernel, county.node.site)[FIRE_TIMER]?.(job as never, { number: 1, last: false });
    return kernel.procedures.view(kernel.database, caseId);
  };
  assert.equal((await fire(0, false))?.status, "running");
  county.setNow(due.add({ hours: 24 }).toString());
  await deliverNotice(kernel, id, county.node.site);
  assert.equal((await fire(2, true))?.status, "running", "it was late, and so many days are added");
  assert.equal((await fire(30, true))?.outcome, "lapsed");
  county.setNow(undefined);
});

test("the list of one's cases asks the database as often for many as for one", async () => {
  const asked: string[] = [];
  const counting: Kernel["database"] = new Proxy(kernel.database, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      if (name !== "query") return value.bind(target);
      return (sql: string, values?: readonly unknown[]) => {
        asked.push(sql);
        return target.query(sql, values);
      };
    },
  });
  await submitted();
  await submitted();
  const cases = await myCases({ ...kernel, database: counting }, county.ownerAct());
  assert.ok(cases.length >= 2 && cases.every(({ view, application }) => view.caseId === application.caseId));
  assert.equal(asked.length, 2);
});
