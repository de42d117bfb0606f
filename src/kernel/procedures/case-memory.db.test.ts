import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Database, Transaction } from "../database/sql.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import type { Changed, OpenTask } from "./changes.ts";
import { CASE_MEMORY_MAX } from "./limits.ts";
import { openProcedures, PROCEDURE_MIGRATIONS } from "./open-procedures.ts";
import type { Procedures, StepSql } from "./procedures.ts";
import { diagram, line, task } from "./testing.ts";

const AT = "2026-03-02T01:00:00Z";
const SOURCES = [diagram(line(["one", task("one")], ["two", task("two")], ["three", task("three")]))];
let held: TestDatabase;
let database: Database;
let here: Procedures;
let there: Procedures;

/** Two engines, as two processes on one database have them: neither knows what the other did. */
before(async () => {
  held = await testDatabase({ migrations: [PROCEDURE_MIGRATIONS] });
  ({ database } = held);
  [here, there] = [openProcedures(), openProcedures()];
  for (const engine of [here, there]) {
    await engine.define(database, { room: "test", services: ["any"], sources: SOURCES, at: AT });
  }
});
after(() => held.close());

async function start(sql: StepSql = database): Promise<OpenTask> {
  const caseId = crypto.randomUUID();
  const opening = { caseId, number: caseId, room: "test", service: "any", variables: {}, by: "applicant", at: AT };
  return opened(await here.start(sql, opening));
}

function opened(changed: Changed): OpenTask {
  assert.ok(changed.ok, changed.ok ? "" : changed.refusal);
  const [open] = changed.change.opened;
  assert.ok(open, "a task is open");
  return open;
}

function complete(engine: Procedures, sql: StepSql, { caseId, taskId }: OpenTask, by = "a"): Promise<Changed> {
  return engine.complete(sql, { caseId, taskId, by, outcome: "done", at: AT });
}

function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.transaction(work, { retries: 0 });
}

/** Statements that lock a case: how often an engine had to read it. */
function counting(sql: Database): { readonly sql: Database; locks: number } {
  const counted = {
    locks: 0,
    sql: new Proxy(sql, {
      get: (target, name) => {
        if (name === "transaction") counted.locks += 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  };
  return counted;
}

test("a step on the database alone is durable when it is answered, and reads nothing while its case is remembered", async () => {
  const counted = counting(database);
  const one = await start(counted.sql);
  const two = opened(await complete(here, counted.sql, one));
  const three = opened(await complete(here, counted.sql, two));
  assert.equal((await there.view(database, one.caseId))?.openTasks[0]?.element, "three");
  const last = await complete(here, counted.sql, three);
  assert.ok(last.ok && last.change.status === "completed");
  assert.equal(counted.locks, 0);
  assert.equal((await there.view(database, one.caseId))?.status, "completed");
});

test("what another process did is seen: the step starts from the rows, not from what was remembered", async () => {
  const one = await start();
  const two = opened(await complete(there, database, one));
  const late = await complete(here, database, one, "b");
  assert.ok(!late.ok && late.refusal === "task-closed" && late.by === "a");
  const three = opened(await complete(here, database, two, "b"));
  assert.ok((await complete(there, database, three)).ok);
});

test("a task that another process took in hand is refused, and free again when it is given back", async () => {
  const one = await start();
  const { caseId, taskId } = one;
  assert.ok((await inTransaction((tx) => there.claim(tx, { caseId, taskId, by: "b", at: AT }))).ok);
  const taken = await complete(here, database, one);
  assert.ok(!taken.ok && taken.refusal === "task-claimed" && taken.by === "b");
  assert.ok((await inTransaction((tx) => there.release(tx, { caseId, taskId, by: "b", at: AT }))).ok);
  assert.ok((await complete(here, database, one)).ok);
});

test("what was rolled back is not remembered, also when another step of the same version took its place", async () => {
  const one = await start();
  await assert.rejects(
    inTransaction(async (tx) => {
      assert.ok((await complete(here, tx, one, "lost")).ok);
      throw new Error("the ledger is down");
    }),
    /ledger is down/,
  );
  const two = opened(await complete(there, database, one, "kept"));
  opened(await complete(here, database, two));
  const view = await here.view(database, one.caseId);
  assert.deepEqual([view?.version, view?.closedTasks.map(({ closedBy }) => closedBy)], [3, ["kept", "a"]]);
});

test("a step of a case without a stamp, last written by a version before, starts from its rows", async () => {
  const one = await start();
  await database.query('UPDATE procedure."case" SET stamp = NULL WHERE id = $1', [one.caseId]);
  assert.ok((await complete(here, database, one)).ok);
});

test("of many who complete one task at once, one stands: in one process and in two", async () => {
  const one = await start();
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, at) => complete(at % 2 === 0 ? here : there, database, one, `official-${at}`)),
  );
  assert.equal(answers.filter(({ ok }) => ok).length, 1);
  for (const answer of answers) assert.ok(answer.ok || answer.refusal === "task-closed");
  assert.equal((await here.view(database, one.caseId))?.version, 2);
});

test("a process remembers a bounded number of cases, and knows the others from their rows", async () => {
  const first = await start();
  await inTransaction(async (tx) => {
    for (let at = 0; at < CASE_MEMORY_MAX; at++) await start(tx);
  });
  const counted = counting(database);
  assert.ok((await complete(here, counted.sql, first)).ok);
  assert.equal(counted.locks, 1);
});
