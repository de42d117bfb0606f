import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { removeJob } from "#kernel/jobs/jobs";
import { carryOn } from "#kernel/services/carry-on";
import { draftsOf } from "#kernel/services/drafts";
import { keepHouse } from "#kernel/services/housekeeping";
import { noticesOf } from "#kernel/services/notices";
import { type LicensingCounty, licensingCounty, SITE_CHECK } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

const DAY_MS = 24 * 3_600_000;

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { done, submitted } = licensingSteps(() => county);

async function eventually(what: string, reached: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(what);
}

const delivered = (caseId: string) =>
  eventually("the notices are delivered", async () => {
    const notices = await noticesOf(county.node.site.kernel.database, caseId);
    return notices.length > 0 && notices.every(({ status }) => status === "delivered");
  });

async function digestsOf(text: string, caseId: string): Promise<readonly string[]> {
  const rows = await county.node.site.kernel.database.query<{ digest: string }>(text, [caseId]);
  return rows.map(({ digest }) => digest);
}

test("what has had its time is removed; every file that something names stays", async () => {
  const { kernel } = county.node.site;
  const photograph = await kernel.files.put(Buffer.from("a photograph"), { mediaType: "image/png", name: "a.png" });
  const orphan = await kernel.files.put(Buffer.from("nothing names this"), { mediaType: "image/png", name: "b.png" });
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "yes" });
  const photographs = [{ digest: photograph.digest, name: "a.png", mediaType: "image/png", bytes: photograph.bytes }];
  await done("inspector1", caseId, "siteCheck", { ...SITE_CHECK, photographs });
  await done("inspector2", caseId, "siteCheckConfirm", { outcome: "agree" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  await done("decider", caseId, "decision", { outcome: "grant" });
  await county.until(caseId, (view) => view.status !== "running");
  await delivered(caseId);
  await county.draft();
  assert.equal((await draftsOf(kernel, county.owner)).length, 1);
  const named = [
    photograph.digest,
    ...(await digestsOf("SELECT digest FROM service.material WHERE case_id = $1", caseId)),
    ...(await digestsOf("SELECT digest FROM service.notice WHERE case_id = $1", caseId)),
    ...(await digestsOf("SELECT digest FROM act.file WHERE case_id = $1", caseId)),
  ];
  assert.equal(named.length, 1 + 1 + 3 + 2);

  const kept = await keepHouse(kernel);
  assert.deepEqual([kept.drafts, kept.outcomes, kept.messages, kept.files], [0, 0, 0, 0]);

  county.setNow(new Date(Date.now() + 91 * DAY_MS).toISOString());
  const removed = await keepHouse(kernel);
  county.setNow(undefined);
  assert.equal(removed.drafts, 1);
  assert.equal((await draftsOf(kernel, county.owner)).length, 0);
  assert.ok(removed.outcomes > 0);
  assert.ok(!(await kernel.files.has(orphan.digest)));
  for (const digest of named) assert.ok(await kernel.files.has(digest), `${digest} is still there`);
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 50 });
  assert.ok(records.some((record) => record.leaf.type === "erasure"));
});

test("what lost its job carries on, and nothing is done twice", async () => {
  const { kernel } = county.node.site;
  const { database } = kernel;
  const caseId = await submitted();
  await delivered(caseId);
  assert.equal(await carryOn(kernel), 0);

  await database.query("UPDATE service.notice SET status = 'waiting', digest = NULL WHERE case_id = $1", [caseId]);
  const timer = (await kernel.procedures.view(database, caseId))?.timers[0];
  assert.ok(timer);
  await removeJob(database, `timer/${caseId}/${timer.timerId}`);
  await database.query("UPDATE procedure.rest SET due_at = '2026-01-01' WHERE case_id = $1 AND kind = 'timer'", [
    caseId,
  ]);
  const messages = await database.execute("UPDATE act.message SET status = 'waiting' WHERE status = 'done'");
  assert.ok(messages > 0);
  const licences = await digestsOf("SELECT digest FROM act.file WHERE $1::text IS NOT NULL", "");

  assert.ok((await carryOn(kernel)) >= 2 + messages);
  await county.until(caseId, (view) => view.at.includes("siteCheck"));
  await delivered(caseId);
  await eventually("the messages are delivered", async () => {
    const [row] = await database.query<{ count: number }>(
      "SELECT count(*) AS count FROM act.message WHERE status = 'waiting'",
    );
    return row?.count === 0;
  });
  assert.deepEqual(await digestsOf("SELECT digest FROM act.file WHERE $1::text IS NOT NULL", ""), licences);
  assert.equal(await carryOn(kernel), 0);
});
