import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { changeOf, MONDAY, type TestCases, testCases } from "./testing-cases.ts";

let cases: TestCases;
let { database, procedures, inTransaction, start, complete } = {} as TestCases;

before(async () => {
  cases = await testCases();
  ({ database, procedures, inTransaction, start, complete } = cases);
});
after(() => cases.close());

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

test("the queue is by deadline, a page at a time", async () => {
  for (let at = 0; at < 5; at++) await start();
  const all = await procedures.tasks(database, { duties: ["licensing.accept"], rooms: ["kiosk"], limit: 100 });
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
