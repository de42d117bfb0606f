import assert from "node:assert/strict";
import type { Database, Transaction } from "../database/sql.ts";
import { testDatabase } from "../database/testing.ts";
import type { CaseChange, Changed, OpenTask } from "./changes.ts";
import { openProcedures, PROCEDURE_MIGRATIONS } from "./open-procedures.ts";
import type { Procedures } from "./procedures.ts";
import { diagram, extend, flow, messageEvent, node, service, task, timerEvent } from "./testing.ts";
import type { Variables } from "./types.ts";

/** A licensing procedure in small: acceptance, a check by two people, a hearing on request, a decision by somebody else. */
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

/** A Monday morning in Qingyuan. */
export const MONDAY = "2026-03-02T01:00:00Z";

/** A database of its own with one engine, and short ways to move cases of the procedure above on it. */
export interface TestCases {
  readonly database: Database;
  readonly procedures: Procedures;
  inTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  start(variables?: Variables, service?: string, engine?: Procedures): Promise<CaseChange>;
  complete(
    open: OpenTask | undefined,
    by: string,
    outcome?: string,
    at?: string,
    variables?: Variables,
  ): Promise<Changed>;
  close(): Promise<void>;
}

export async function testCases(): Promise<TestCases> {
  const { database, close } = await testDatabase({ migrations: [PROCEDURE_MIGRATIONS] });
  const procedures = openProcedures();
  await procedures.define(database, { room: "kiosk", services: ["licence"], sources: [LICENSING], at: MONDAY });
  let made = 0;
  const inTransaction: TestCases["inTransaction"] = (work) => database.transaction(work, { retries: 0 });
  return {
    database,
    procedures,
    inTransaction,
    close,
    start: async (variables = {}, service = "licence", engine = procedures) => {
      made += 1;
      const caseId = `00000000-0000-4000-8000-${String(made).padStart(12, "0")}`;
      const place = { caseId, number: `QY-2026-${made}`, room: "kiosk", service };
      return changeOf(
        await inTransaction((tx) => engine.start(tx, { ...place, variables, by: "applicant", at: MONDAY })),
      );
    },
    complete: async (open, by, outcome = "done", at = MONDAY, variables = {}) => {
      assert.ok(open, "a task is open");
      const { caseId, taskId } = open;
      return await inTransaction((tx) => procedures.complete(tx, { caseId, taskId, by, outcome, variables, at }));
    },
  };
}

/** What a step did, which must not have been refused. */
export function changeOf(changed: Changed): CaseChange {
  assert.ok(changed.ok, changed.ok ? "" : changed.refusal);
  return changed.change;
}
