import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readPolicies } from "#kernel/access/policy-sources";
import { isRefusal } from "#kernel/contract/refusal";
import { retryStopped, STUCK_AFTER_ATTEMPTS, stoppedWork } from "#kernel/services/stopped";
import type { Kernel } from "#kernel/system/kernel";
import { RawClient } from "../adversarial/raw-client.ts";
import { type LicensingCounty, licensingCounty } from "./licensing-county.ts";

/** What fails again and again, or stopped for good, stands before whoever runs the node, who can have it tried again. */

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());

async function accepted(): Promise<{ readonly caseId: string; readonly number: string }> {
  const outcome = await county.submit(await county.draft());
  assert.ok(!isRefusal(outcome));
  const [row] = await county.node.site.kernel.database.query<{ number: string }>(
    "SELECT number FROM service.application WHERE case_id = $1",
    [outcome.caseId],
  );
  return { caseId: outcome.caseId, number: row?.number ?? "" };
}

async function eventually(what: string, reached: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(what);
}

const stopped = async (signInName = "admin") =>
  stoppedWork(county.node.site.kernel, await county.officialAct(signInName, { purpose: "administration" }));

test("a step of a procedure that throws for ever is shown with its case, and goes on when it is tried again", async () => {
  const { database } = county.node.site.kernel;
  const { caseId, number } = await accepted();
  await database.query(`CREATE FUNCTION procedure.fail() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''no step now''; END'`);
  await database.query(`CREATE TRIGGER fail BEFORE DELETE OR UPDATE ON procedure.rest FOR EACH ROW
    WHEN (OLD.case_id = '${caseId}' AND OLD.kind = 'service') EXECUTE FUNCTION procedure.fail()`);
  for (const [signInName, element, form] of [
    ["accept", "acceptance", { outcome: "accept", siteCheckNeeded: "no" }],
    ["inspector1", "examination", { outcome: "propose-grant" }],
    ["decider", "decision", { outcome: "grant" }],
  ] as const) {
    const done = await county.doTask(signInName, { caseId, element, form });
    assert.ok(!isRefusal(done), isRefusal(done) ? done.text.en : "");
  }
  const stuck = async () => {
    // Nobody waits for the growing intervals between attempts.
    await database.query(
      `UPDATE graphile_worker._private_jobs SET run_at = now()
       WHERE attempts < ${STUCK_AFTER_ATTEMPTS} AND last_error IS NOT NULL`,
    );
    const found = await stopped();
    return isRefusal(found) ? undefined : found.jobs.find((job) => job.slot !== undefined);
  };
  await eventually("the step is shown", async () => (await stuck()) !== undefined);
  const job = await stuck();
  assert.equal(job?.caseNumber, number);
  assert.equal(job?.task, "run-slot");
  assert.equal(job?.error, "ERR_DATABASE_STATEMENT");
  assert.ok((job?.attempts ?? 0) >= STUCK_AFTER_ATTEMPTS);
  assert.ok(isRefusal(await stopped("accept")), "it is nobody else's business");
  await database.query("DROP TRIGGER fail ON procedure.rest");
  // As an operator does it.
  const client = new RawClient(county.node.address);
  try {
    await client.signIn("admin");
    const page = await client.open("/workbench/stopped");
    assert.match(page.text, new RegExp(`${number}[\\s\\S]*ERR_DATABASE_STATEMENT`));
    assert.equal((await client.fillOnly(page, /\/workbench\/stopped$/, {})).status, 303);
    assert.equal(
      (await client.post("/workbench/stopped", { csrf: "", kind: "job", id: "1; DROP" })).status,
      403,
      "not without the form",
    );
  } finally {
    client.close();
  }
  // What waits for the step has failed meanwhile as well: nobody waits for its next attempt either.
  const hurry = () => database.query("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE attempts > 0");
  await eventually("the step is done", async () => {
    await hurry();
    const found = await stopped();
    return !isRefusal(found) && found.jobs.every((one) => one.caseNumber !== number);
  });
  await eventually("the case comes to its end", async () => {
    await hurry();
    const view = await county.node.site.kernel.procedures.view(database, caseId);
    return view?.outcome === "licensed";
  });
});

test("an archive that stopped is shown, and tried again when an operator says so", async () => {
  const { kernel } = county.node.site;
  const { caseId, number } = await accepted();
  await kernel.database.query(
    `INSERT INTO service.archive (case_id, status, problem, closed_at) VALUES ($1, 'stopped', '536870913 bytes', now())
     ON CONFLICT (case_id) DO UPDATE SET status = 'stopped', problem = EXCLUDED.problem`,
    [caseId],
  );
  const found = await stopped();
  assert.ok(!isRefusal(found));
  assert.deepEqual(found.archives, [{ id: caseId, caseNumber: number, problem: "536870913 bytes" }]);
  const act = await county.officialAct("admin", { purpose: "administration" });
  // What a policy keeps from whoever runs the node is not in the list, and cannot be tried again.
  const words = '@zh("法人办件由县局处理。") @en("Cases of organizations are dealt with elsewhere.")';
  const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
  const policies = await readPolicies(contracts, {
    kept: `${words} forbid(principal is Official, action in Action::"stopped", resource)
      when { resource has applicant && resource.applicant == "organization" };`,
  });
  const stricter = { ...kernel, access: kernel.access.with(policies) as Kernel["access"] };
  const left = await stoppedWork(stricter, act);
  assert.ok(!isRefusal(left));
  assert.deepEqual(left.archives, []);
  assert.ok(isRefusal(await retryStopped(stricter, act, { kind: "archive", id: caseId })));
  const again = { kind: "archive", id: caseId } as const;
  assert.deepEqual(await retryStopped(kernel, act, again), { retried: true });
  assert.deepEqual(await retryStopped(kernel, act, again), { retried: false });
});
