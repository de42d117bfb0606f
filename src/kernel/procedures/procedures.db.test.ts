import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Database, Transaction } from "../database/sql.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import type { Changed, OpenTask } from "./changes.ts";
import { openProcedures } from "./open-procedures.ts";
import type { Procedures } from "./procedures.ts";
import { diagram, extend, flow, line, messageEvent, node, service, task, timerEvent } from "./testing.ts";
import type { Variables } from "./types.ts";

const LICENSING = diagram(
  extend(
    '<zt:clock id="decision" name="审查时限" en="Decision" unit="working-day" amount="10" promised="5" article="行政许可法 §42" starts="accept-check" stops="decide" pauses="hearing" pauseArticle="行政许可法 §45"/>',
  ),
  node("startEvent", "s"),
  task("accept", {
    performer: 'duty="licensing.accept"',
    more: '<zt:due unit="working-day" amount="5" article="行政许可法 §32"/><zt:notice kind="acceptance"/>',
  }),
  task("check", { performer: 'duty="licensing.inspect" count="2"' }),
  node("exclusiveGateway", "hear", "", 'default="hear-decide"'),
  task("hearing", { performer: 'duty="licensing.hear"' }),
  task("decide", { performer: 'duty="licensing.decide" notBy="check"', more: '<zt:due clock="decision"/>' }),
  service("grant"),
  node("endEvent", "granted"),
  node("boundaryEvent", "withdrawn", messageEvent("withdraw"), 'attachedToRef="decide"'),
  node("boundaryEvent", "late", timerEvent("P30D"), 'attachedToRef="decide" cancelActivity="false"'),
  node("sendTask", "warn", "", 'messageRef="message-told"'),
  node("endEvent", "warned"),
  node("endEvent", "gone"),
  flow("s", "accept"),
  flow("accept", "check"),
  flow("check", "hear"),
  flow("hear", "hearing", "hearingWanted"),
  flow("hear", "decide"),
  flow("hearing", "decide"),
  flow("decide", "grant"),
  flow("grant", "granted"),
  flow("withdrawn", "gone"),
  flow("late", "warn"),
  flow("warn", "warned"),
);

const MONDAY = "2026-03-02T01:00:00Z";
let test_: TestDatabase;
let database: Database;
let procedures: Procedures;
let made = 0;

before(async () => {
  test_ = await testDatabase({
    migrations: [{ scope: "procedures", folder: join(import.meta.dirname, "migrations") }],
  });
  ({ database } = test_);
  procedures = openProcedures();
  await procedures.define(database, { room: "quality", services: ["licence"], sources: [LICENSING], at: MONDAY });
});
after(() => test_.close());

async function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return await database.transaction(work, { retries: 0 });
}

async function start(variables: Variables = {}, service = "licence", engine = procedures) {
  made += 1;
  const caseId = `00000000-0000-4000-8000-${String(made).padStart(12, "0")}`;
  const started = await inTransaction((tx) =>
    engine.start(tx, {
      caseId,
      number: `QY-2026-${made}`,
      room: "quality",
      service,
      variables,
      by: "applicant",
      at: MONDAY,
    }),
  );
  return changeOf(started);
}

function changeOf(changed: Changed) {
  assert.ok(changed.ok, changed.ok ? "" : changed.refusal);
  return changed.change;
}

async function complete(
  open: OpenTask | undefined,
  by: string,
  outcome = "done",
  at = MONDAY,
  variables: Variables = {},
) {
  assert.ok(open, "a task is open");
  const { caseId, taskId } = open;
  return await inTransaction((tx) => procedures.complete(tx, { caseId, taskId, by, outcome, variables, at }));
}

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

test("two officials deciding at once: the second is told who was first", async () => {
  const begun = await start();
  const answers = await Promise.all([
    complete(begun.opened[0], "a", "accepted"),
    complete(begun.opened[0], "b", "refused"),
  ]);
  const [won] = answers.filter((answer) => answer.ok);
  const [lost] = answers.filter((answer) => !answer.ok);
  assert.ok(won?.ok && lost !== undefined && !lost.ok);
  assert.equal(lost.refusal, "task-closed");
  const view = await procedures.view(database, begun.caseId);
  assert.equal(view?.closedTasks[0]?.closedBy, lost.by);
  assert.equal(view?.openTasks.length, 2, "the step was taken once");
  assert.equal(view?.variables["outcome"], won.change.variables["outcome"]);
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

test("who did an excluded part is barred; one of two people cannot be both", async () => {
  const begun = await start();
  const accepted = changeOf(await complete(begun.opened[0], "clerk"));
  changeOf(await complete(accepted.opened[0], "inspector"));
  const twice = await complete(accepted.opened[1], "inspector");
  assert.ok(!twice.ok && twice.refusal === "task-barred");
  const checked = changeOf(await complete(accepted.opened[1], "other"));
  for (const by of ["inspector", "other"]) {
    const barred = await complete(checked.opened[0], by);
    assert.ok(!barred.ok && barred.refusal === "task-barred");
  }
  const queueOf = async (person: string) =>
    (await procedures.tasks(database, { duties: ["licensing.decide"], for: person, limit: 100 })).filter(
      ({ caseId }) => caseId === begun.caseId,
    );
  assert.equal((await queueOf("inspector")).length, 0);
  assert.equal((await queueOf("clerk")).length, 1);
  assert.ok((await complete(checked.opened[0], "clerk")).ok);
});

test("claims, stale pages and unknown places are refused by name", async () => {
  const begun = await start();
  const [open] = begun.opened;
  assert.ok(open);
  const claim = (by: string) => inTransaction((tx) => procedures.claim(tx, { ...open, by, at: MONDAY }));
  const claimed = await claim("a");
  assert.ok(claimed.ok && claimed.task.claimedBy === "a");
  const second = await claim("b");
  assert.ok(!second.ok && second.refusal === "task-claimed" && second.by === "a");
  const other = await complete(open, "b");
  assert.ok(!other.ok && other.refusal === "task-claimed");
  const released = await inTransaction((tx) => procedures.release(tx, { ...open, by: "a", at: MONDAY }));
  assert.ok(released.ok && released.task.claimedBy === undefined);
  const stale = await inTransaction((tx) =>
    procedures.complete(tx, { ...open, by: "b", outcome: "x", at: MONDAY, expectedVersion: 7 }),
  );
  assert.ok(!stale.ok && stale.refusal === "stale");
  const none = await complete({ ...open, taskId: 999 }, "b");
  assert.ok(!none.ok && none.refusal === "task-unknown");
  const nowhere = await complete({ ...open, caseId: "00000000-0000-4000-8000-999999999999" }, "b");
  assert.ok(!nowhere.ok && nowhere.refusal === "case-unknown");
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
    await made_.define(database, { room: "quality", services: ["versioned"], sources, at: MONDAY });
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

test("the queue is by deadline, a page at a time", async () => {
  for (let at = 0; at < 5; at++) await start();
  const all = await procedures.tasks(database, { duties: ["licensing.accept"], rooms: ["quality"], limit: 100 });
  assert.ok(all.length >= 5);
  const paged: string[] = [];
  let last: (typeof all)[number] | undefined;
  for (;;) {
    const page = await procedures.tasks(database, {
      duties: ["licensing.accept"],
      limit: 2,
      ...(last === undefined ? {} : { after: { ...last, dueOn: last.dueOn } }),
    });
    if (page.length === 0) break;
    paged.push(...page.map((row) => `${row.caseId}/${row.taskId}`));
    last = page.at(-1);
  }
  assert.deepEqual(
    paged,
    all.map((row) => `${row.caseId}/${row.taskId}`),
  );
});
