import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import type { Database, Transaction } from "../database/sql.ts";
import { type TestDatabase, testDatabase } from "../database/testing.ts";
import { advance, INITIAL_STATE } from "./advance.ts";
import { lockCase } from "./case-rows.ts";
import type { Changed } from "./changes.ts";
import { openProcedures, PROCEDURE_MIGRATIONS } from "./open-procedures.ts";
import type { Procedures } from "./procedures.ts";
import { answer, block, draw } from "./testing-diagrams.ts";
import type { CaseState, Wait } from "./types.ts";

const AT = "2026-03-02T01:00:00Z";
let held: TestDatabase;
let database: Database;
let made = 0;

before(async () => {
  held = await testDatabase({ migrations: [PROCEDURE_MIGRATIONS] });
  ({ database } = held);
});
after(() => held.close());

test("the rows of a case are its state: after each step they read back as what the interpreter says", async () => {
  await fc.assert(
    fc.asyncProperty(block, fc.infiniteStream(fc.nat({ max: 1000 })), async (whole, choices) => {
      // Two processes at one case: what either remembers of it is often out of date.
      const [engine, other] = [openProcedures(), openProcedures()];
      const sources = [draw(whole)];
      const procedure = await engine.define(database, { room: "test", services: ["any"], sources, at: AT });
      await other.define(database, { room: "test", services: ["any"], sources, at: AT });
      made += 1;
      const caseId = `00000000-0000-4000-8000-${String(made).padStart(12, "0")}`;
      await inTransaction((tx) =>
        engine.start(tx, {
          caseId,
          number: `T-${made}`,
          room: "test",
          service: "any",
          variables: { pick: 0 },
          by: "applicant",
          at: AT,
        }),
      );
      let { state } = advance(procedure, INITIAL_STATE, { type: "start", variables: { pick: 0 } });
      for (let step = 0; ; step++) {
        assert.deepEqual(await stored(caseId), ordered(state));
        if (state.status !== "running") break;
        const choice: number = choices.next().value ?? 0;
        const wait = state.waits[choice % state.waits.length];
        assert.ok(wait && step < 500);
        // Boundary and racing messages carry one name, so the pure side follows the one that the rows name first.
        const pick = choice % 3;
        const changed = await inTransaction((tx) =>
          happen(choice % 4 === 3 ? other : engine, tx, { caseId, wait, pick, step }),
        );
        assert.ok(changed.ok);
        ({ state } = advance(procedure, state, answer(first(state, wait), pick)));
      }
      const leftovers = await database.query("SELECT 1 FROM procedure.rest WHERE case_id = $1", [caseId]);
      assert.equal(leftovers.length, 0);
    }),
    { numRuns: 25 },
  );
});

async function inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return await database.transaction(work, { retries: 0 });
}

/** A message by its name reaches the wait that is first. */
function first(state: CaseState, wait: Wait): Wait {
  return wait.kind === "message" ? (state.waits.find(({ kind }) => kind === "message") ?? wait) : wait;
}

function happen(
  engine: Procedures,
  tx: Transaction,
  { caseId, wait, pick, step }: { caseId: string; wait: Wait; pick: number; step: number },
): Promise<Changed> {
  switch (wait.kind) {
    case "task": {
      // Each time another person, since several may have to do one task.
      const by = `official-${step}`;
      return engine.complete(tx, { caseId, taskId: wait.id, by, outcome: "done", variables: { pick }, at: AT });
    }
    case "service":
      return engine.finishService(tx, { caseId, serviceId: wait.id, at: AT });
    case "timer":
      return engine.fireTimer(tx, { caseId, timerId: wait.id, at: AT });
    case "message":
      return engine.deliver(tx, { caseId, message: "told", by: "applicant", at: AT });
  }
}

async function stored(caseId: string): Promise<CaseState> {
  const locked = await inTransaction((tx) => lockCase(tx, caseId));
  assert.ok(locked);
  return ordered(locked.state);
}

function ordered(state: CaseState): CaseState {
  const byId = (one: { readonly id: number }, other: { readonly id: number }) => one.id - other.id;
  return { ...state, tokens: [...state.tokens].sort(byId), waits: [...state.waits].sort(byId) };
}
