import assert from "node:assert/strict";
import type { Database } from "#kernel/database/sql";
import type { Kernel } from "#kernel/system/kernel";

/** What must hold of the cases of a node that was killed again and again. */

/** What the node said yes to. */
export interface Acknowledged {
  readonly submitted: Set<string>;
  readonly done: { readonly caseId: string; readonly taskId: number }[];
}

export async function counted(database: Database, sql: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${sql}) AS found`);
  return row?.n ?? -1;
}

/** What must never be, at any moment. */
export async function assertNoHalfAct(database: Database, when: string): Promise<void> {
  for (const [what, sql] of Object.entries({
    "an application without its case": `SELECT FROM service.application a WHERE NOT EXISTS (SELECT FROM procedure."case" c WHERE c.id = a.case_id)`,
    "a case without its application": `SELECT FROM procedure."case" c WHERE NOT EXISTS (SELECT FROM service.application a WHERE a.case_id = c.id)`,
    "a submitted draft that is still there":
      "SELECT FROM service.draft d JOIN service.application a ON a.draft_id = d.id",
    "a completed task without its record": `SELECT FROM procedure.task t WHERE t.closed_by IS NOT NULL AND t.outcome <> 'cancelled'
        AND NOT EXISTS (SELECT FROM service.record r WHERE r.case_id = t.case_id AND r.task_id = t.id)`,
    "a task with two records":
      "SELECT FROM service.record WHERE task_id IS NOT NULL GROUP BY case_id, task_id HAVING count(*) > 1",
    "a notice of one kind twice": "SELECT FROM service.notice GROUP BY case_id, kind HAVING count(*) > 1",
    "a message of one notice twice":
      "SELECT FROM service.message WHERE notice_id IS NOT NULL GROUP BY notice_id HAVING count(*) > 1",
    "a delivered notice without its message": `SELECT FROM service.notice n WHERE status = 'delivered' AND NOT EXISTS (SELECT FROM service.message m WHERE m.notice_id = n.id)`,
    "a licence number twice": `SELECT FROM procedure."case" WHERE variables ->> 'licenceNumber' IS NOT NULL GROUP BY variables ->> 'licenceNumber' HAVING count(*) > 1`,
  })) {
    assert.equal(await counted(database, sql), 0, `${when}: ${what}`);
  }
}

/** Nothing that the node said yes to is missing. */
export async function assertAcknowledged(database: Database, acknowledged: Acknowledged, when: string): Promise<void> {
  const cases = await database.query<{ id: string }>("SELECT case_id AS id FROM service.application");
  const known = new Set(cases.map(({ id }) => id));
  for (const id of acknowledged.submitted)
    assert.ok(known.has(id), `${when}: the case ${id} was acknowledged and is lost`);
  const records = await database.query<{ id: string; task: number }>(
    "SELECT case_id AS id, task_id AS task FROM service.record WHERE task_id IS NOT NULL",
  );
  const done = new Set(records.map(({ id, task }) => `${id} ${task}`));
  for (const { caseId, taskId } of acknowledged.done) {
    assert.ok(done.has(`${caseId} ${taskId}`), `${when}: task ${taskId} of ${caseId} was acknowledged and is lost`);
  }
}

/** At the end: each case went its way once, and has what it should have, once. */
export async function assertFinished(database: Database, cases: number): Promise<void> {
  // A submission that got no answer is never sent from a second draft.
  assert.equal(await counted(database, "SELECT FROM service.application"), cases);
  assert.equal(await counted(database, `SELECT FROM procedure."case" WHERE outcome = 'licensed'`), cases);
  for (const kind of ["receipt", "acceptance", "grant"]) {
    assert.equal(await counted(database, `SELECT FROM service.notice WHERE kind = '${kind}'`), cases, kind);
  }
  const [numbers] = await database.query<{ n: number }>(
    `SELECT count(DISTINCT variables ->> 'licenceNumber')::int AS n FROM procedure."case"`,
  );
  assert.equal(numbers?.n, cases, "each granted case has a licence number of its own");
  const [register] = await database.query<{ rows: number; numbers: number; cases: number }>(
    `SELECT count(*)::int AS rows, count(DISTINCT data ->> 'number')::int AS numbers, count(DISTINCT case_id)::int AS cases
       FROM quality.food_licence`,
  );
  assert.deepEqual(register, { rows: cases, numbers: cases, cases });
  assert.equal(await counted(database, "SELECT FROM act.message WHERE status <> 'done'"), 0, "commands that wait");
}

/** What the ledger tells of each case is what the tables hold: one submission, one entry a task, and the act behind the licence. */
export async function assertLedgerAgrees(kernel: Kernel, database: Database): Promise<void> {
  const cases = await database.query<{ id: string; act: string }>(
    "SELECT case_id AS id, act_id AS act FROM quality.food_licence",
  );
  for (const { id, act } of cases) {
    const { records } = await kernel.ledger.byCase(id, { limit: 200 });
    const acts = records.filter(({ leaf }) => leaf.type === "act");
    const steps = records.filter(({ leaf }) => leaf.type === "decision").map(({ leaf }) => leaf.operation);
    const tasks = await database.query<{ element: string }>(
      "SELECT element FROM procedure.task WHERE case_id = $1 AND closed_by IS NOT NULL",
      [id],
    );
    assert.deepEqual(
      steps.map((step) => step.split(".").at(-1)).sort(),
      tasks.map(({ element }) => element).sort(),
      `the officials' acts on ${id}`,
    );
    const byPersons = acts.filter(({ content }) => content?.actor.kind === "person");
    assert.equal(byPersons.length, 1, `the submission of ${id}`);
    const written = acts.filter(({ content }) => content?.actId === act);
    assert.equal(written.length, 1, `the act that wrote the licence of ${id}`);
  }
}
