import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openProcedures } from "./open-procedures.ts";
import type { Procedures } from "./procedures.ts";
import { diagram, line, task } from "./testing.ts";
import { changeOf, MONDAY, type TestCases, testCases } from "./testing-cases.ts";

let cases: TestCases;
let { database, procedures, inTransaction, start, complete } = {} as TestCases;

before(async () => {
  cases = await testCases();
  ({ database, procedures, inTransaction, start, complete } = cases);
});
after(() => cases.close());

test("a case runs from start to end, durable at each wait", async () => {
  const begun = await start({ applicantKind: "organization" });
  assert.equal(begun.status, "running");
  assert.deepEqual(
    begun.opened.map(({ element, duty, dueOn }) => [element, duty, dueOn]),
    [["accept", "licensing.accept", "2026-03-09"]],
  );
  const accepted = changeOf(await complete(begun.opened[0], "clerk", "accepted"));
  assert.deepEqual(accepted.notices, [{ element: "accept", kind: "acceptance" }]);
  assert.equal(accepted.opened.length, 2);
  changeOf(await complete(accepted.opened[0], "inspector-1", "passed"));
  const checked = changeOf(await complete(accepted.opened[1], "inspector-2", "passed", "2026-03-04T01:00:00Z"));
  assert.deepEqual(
    checked.opened.map(({ element, dueOn }) => [element, dueOn]),
    [["decide", "2026-03-16"]],
  );
  assert.equal(checked.timers[0]?.dueAt, "2026-04-03T01:00:00Z");
  const decided = changeOf(await complete(checked.opened[0], "head", "granted", "2026-03-05T01:00:00Z"));
  assert.deepEqual(
    decided.services.map(({ slot }) => slot),
    ["grant"],
  );
  const [request] = decided.services;
  assert.ok(request);
  const done = await inTransaction((tx) =>
    procedures.finishService(tx, { ...request, variables: { licence: "JY" }, at: "2026-03-05T01:01:00Z" }),
  );
  assert.deepEqual([changeOf(done).status, changeOf(done).outcome], ["completed", "granted"]);
  const again = await inTransaction((tx) => procedures.finishService(tx, { ...request, at: MONDAY }));
  assert.ok(!again.ok && again.refusal === "case-closed");

  const view = await procedures.view(database, begun.caseId);
  assert.ok(view);
  assert.deepEqual([view.status, view.openTasks, view.timers, view.awaited, view.at], ["completed", [], [], [], []]);
  assert.deepEqual(
    view.closedTasks.map(({ element, closedBy, outcome }) => [element, closedBy, outcome]),
    [
      ["accept", "clerk", "accepted"],
      ["check", "inspector-1", "passed"],
      ["check", "inspector-2", "passed"],
      ["decide", "head", "granted"],
    ],
  );
  assert.deepEqual(view.variables, {
    applicantKind: "organization",
    outcome: "granted",
    outcomes: { check: ["passed", "passed"] },
    licence: "JY",
  });
  const [clock] = view.clocks;
  assert.deepEqual([clock?.startedOn, clock?.stoppedOn, clock?.promised], ["2026-03-02", "2026-03-05", 5]);
  assert.deepEqual(
    view.history.map(({ kind }) => kind).filter((kind) => kind !== "notice"),
    [
      "started",
      "task-completed",
      "clock-started",
      "task-completed",
      "task-completed",
      "task-completed",
      "clock-stopped",
      "service-done",
      "ended",
    ],
  );
  for (const table of ["token", "service_request", "timer", "subscription"]) {
    const rows = await database.query(`SELECT 1 FROM procedure.${table} WHERE case_id = $1`, [begun.caseId]);
    assert.equal(rows.length, 0, `${table} keeps nothing of an ended case`);
  }
});

test("parallel tasks completed at once are both kept", async () => {
  const begun = await start();
  const accepted = changeOf(await complete(begun.opened[0], "clerk"));
  const both = await Promise.all([
    complete(accepted.opened[0], "i1", "passed"),
    complete(accepted.opened[1], "i2", "failed"),
  ]);
  assert.ok(both.every((answer) => answer.ok));
  const view = await procedures.view(database, begun.caseId);
  assert.deepEqual(
    view?.openTasks.map(({ element }) => element),
    ["decide"],
  );
  assert.deepEqual(
    new Set((view?.variables["outcomes"] as { check: string[] } | undefined)?.check),
    new Set(["passed", "failed"]),
  );
});

test("messages and timers reach the case that waits for them, once", async () => {
  const begun = await start();
  const { caseId } = begun;
  const accepted = changeOf(await complete(begun.opened[0], "clerk"));
  changeOf(await complete(accepted.opened[0], "i1"));
  const early = await inTransaction((tx) =>
    procedures.deliver(tx, { caseId, message: "withdraw", by: "applicant", at: MONDAY }),
  );
  assert.ok(!early.ok && early.refusal === "not-waiting");
  const checked = changeOf(await complete(accepted.opened[1], "i2"));
  const [timer] = checked.timers;
  assert.ok(timer);
  assert.deepEqual(
    (await procedures.dueTimers(database, { at: "2026-05-01T00:00:00Z", limit: 500 })).filter(
      (due) => due.caseId === caseId,
    ),
    [{ caseId, timerId: timer.timerId }],
  );
  const fire = () =>
    inTransaction((tx) => procedures.fireTimer(tx, { caseId, timerId: timer.timerId, at: "2026-04-03T02:00:00Z" }));
  assert.deepEqual(changeOf(await fire()).messages, [{ element: "warn", message: "told" }]);
  const twice = await fire();
  assert.ok(!twice.ok && twice.refusal === "not-waiting");
  const gone = changeOf(
    await inTransaction((tx) => procedures.deliver(tx, { caseId, message: "withdraw", by: "applicant", at: MONDAY })),
  );
  assert.deepEqual([gone.status, gone.outcome, gone.closed[0]?.cancelled], ["completed", "gone", true]);
});

test("a hearing pauses the clock; pauses and extensions move the task's last day", async () => {
  const begun = await start({ hearingWanted: true });
  const { caseId } = begun;
  const accepted = changeOf(await complete(begun.opened[0], "clerk"));
  changeOf(await complete(accepted.opened[0], "i1"));
  const checked = changeOf(await complete(accepted.opened[1], "i2", "passed", "2026-03-04T01:00:00Z"));
  const heard = changeOf(await complete(checked.opened[0], "chair", "heard", "2026-03-11T01:00:00Z"));
  // Five working days, 4 to 10 March, are not counted.
  assert.deepEqual(
    heard.opened.map(({ dueOn }) => dueOn),
    ["2026-03-23"],
  );
  const extended = await inTransaction((tx) =>
    procedures.changeClock(tx, {
      caseId,
      clock: "decision",
      change: "extend",
      amount: 5,
      reason: "案情复杂",
      article: "行政许可法 §42",
      by: "head",
      at: "2026-03-12T01:00:00Z",
    }),
  );
  assert.ok(extended.ok && extended.clock.extensions.length === 1);
  const view = await procedures.view(database, caseId);
  assert.equal(view?.openTasks[0]?.dueOn, "2026-03-30");
  assert.deepEqual(view?.clocks[0]?.pauses, [
    { from: "2026-03-04", to: "2026-03-11", element: "hearing", reason: "hearing", article: "行政许可法 §45" },
  ]);
  const resume = await inTransaction((tx) =>
    procedures.changeClock(tx, { caseId, clock: "decision", change: "resume", by: "head", at: MONDAY }),
  );
  assert.ok(!resume.ok && resume.refusal === "clock-state");
  const unknown = await inTransaction((tx) =>
    procedures.changeClock(tx, { caseId, clock: "other", change: "stop", by: "head", at: MONDAY }),
  );
  assert.ok(!unknown.ok && unknown.refusal === "clock-unknown");
});

test("versions stand side by side: a running case stays on its own, also in a fresh process", async () => {
  const begun = await start({}, "versioned", await defined("old"));
  const engine = await defined("new");
  const later = await start({}, "versioned", engine);
  assert.deepEqual([begun.opened[0]?.element, later.opened[0]?.element], ["old", "new"]);
  const fresh = openProcedures();
  const done = await inTransaction((tx) =>
    fresh.complete(tx, {
      caseId: begun.caseId,
      taskId: begun.opened[0]?.taskId ?? 0,
      by: "a",
      outcome: "done",
      at: MONDAY,
    }),
  );
  assert.deepEqual(
    changeOf(done).opened.map(({ element }) => element),
    ["old2"],
  );

  async function defined(name: string): Promise<Procedures> {
    const made_ = openProcedures();
    const sources = [diagram(line([name, task(name)], [`${name}2`, task(`${name}2`)]))];
    await made_.define(database, { room: "kiosk", services: ["versioned"], sources, at: MONDAY });
    return made_;
  }
});

test("a withdrawal ends a case whatever it waits for", async () => {
  const begun = await start();
  const cancel = () =>
    inTransaction((tx) =>
      procedures.cancel(tx, {
        caseId: begun.caseId,
        outcome: "withdrawn",
        by: "applicant",
        at: MONDAY,
        variables: { reason: "moved" },
      }),
    );
  const change = changeOf(await cancel());
  assert.deepEqual([change.status, change.outcome], ["terminated", "withdrawn"]);
  const view = await procedures.view(database, begun.caseId);
  assert.deepEqual(
    [view?.openTasks.length, view?.closedTasks[0]?.outcome, view?.variables["reason"]],
    [0, "cancelled", "moved"],
  );
  const twice = await cancel();
  assert.ok(!twice.ok && twice.refusal === "case-closed");
});

test("a step that fails leaves nothing behind", async () => {
  const begun = await start();
  await assert.rejects(
    inTransaction(async (tx) => {
      const [open] = begun.opened;
      assert.ok(open);
      await procedures.complete(tx, { ...open, by: "a", outcome: "x", at: MONDAY });
      throw new Error("the ledger is down");
    }),
    /ledger is down/,
  );
  const view = await procedures.view(database, begun.caseId);
  assert.deepEqual([view?.version, view?.openTasks.length, view?.history.length], [1, 1, 1]);
  await assert.rejects(database.query("UPDATE procedure.history SET kind = 'x'"), { sqlState: "P0001" });
});
