import { text } from "#lib/language/text";
import type { Sql } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { type ClockRecord, readClock } from "./case-clock.ts";
import { type CaseRecord, NO_DUE_DAY, readInstant, readTask, type TaskRecord } from "./case-rows.ts";
import type { CaseView, ClosedTask, HistoryEntry } from "./changes.ts";
import { PROCEDURE_PAGE_MAX } from "./limits.ts";
import type { QueuedTask, TaskQuery } from "./procedures.ts";
import type { Variables } from "./types.ts";

interface RestRecord {
  readonly id: number;
  readonly kind: "token" | "service" | "timer" | "message";
  readonly element: string;
  readonly name: string | null;
  readonly due_at: string | null;
}

interface HappenedRecord {
  readonly version: number;
  readonly ordinal: number;
  readonly at: string;
  readonly kind: string;
  readonly element: string | null;
  readonly by: string | null;
  readonly detail: Variables;
}

interface ViewRecord {
  readonly case: CaseRecord;
  readonly rests: readonly RestRecord[] | null;
  readonly tasks: readonly TaskRecord[] | null;
  readonly clocks: readonly ClockRecord[] | null;
  readonly history: readonly HappenedRecord[] | null;
}

/**
 * Everything of a case in one statement, and so at one moment. Rows come as they lie, each table read once by its key; what they
 * mean together is seen here, where it costs less. As JSON text: jsonb would be built only to be written out.
 * @param key how the tables find the case: our own words, never a value
 */
function viewText(key: string, condition: string): string {
  return `SELECT to_json(c) AS "case",
     (SELECT json_agg(r) FROM procedure.rest r WHERE r.case_id = ${key}) AS rests,
     (SELECT json_agg(t) FROM procedure.task t WHERE t.case_id = ${key}) AS tasks,
     (SELECT json_agg(k) FROM procedure.clock k WHERE k.case_id = ${key}) AS clocks,
     (SELECT json_agg(h) FROM (SELECT * FROM procedure.history h WHERE h.case_id = ${key}
        ORDER BY version DESC, ordinal DESC LIMIT ${PROCEDURE_PAGE_MAX}) h) AS history
   FROM procedure."case" c WHERE ${condition}`;
}

/** The key as a parameter alone: only then does PostgreSQL keep one plan, which takes longer to make than to run. */
const VIEW_ONE = viewText("$1::uuid", "c.id = $1::uuid");
const VIEW_MANY = viewText("c.id", "c.id = ANY($1::uuid[])");

/** All that is known of a case. */
export async function readCase(sql: Sql, caseId: string): Promise<CaseView | undefined> {
  const [row] = await sql.query<ViewRecord>(VIEW_ONE, [caseId]);
  return row && viewOf(row);
}

/** The same of several cases, for lists: still one statement. */
export async function readCases(sql: Sql, caseIds: readonly string[]): Promise<ReadonlyMap<string, CaseView>> {
  const rows = await sql.query<ViewRecord>(VIEW_MANY, [caseIds]);
  return new Map(rows.map((row) => [row.case.id, viewOf(row)]));
}

function viewOf(row: ViewRecord): CaseView {
  const { case: record } = row;
  const tasks = (row.tasks ?? []).toSorted((one, other) => one.id - other.id);
  const rests = (row.rests ?? []).toSorted((one, other) => one.id - other.id);
  const open = tasks.filter((task) => task.closed_at === null);
  const tokens = [...rests.filter(({ kind }) => kind === "token"), ...open];
  return {
    caseId: record.id,
    number: record.number,
    room: record.room,
    service: record.service,
    digest: record.digest,
    status: record.status,
    ...(record.outcome === null ? {} : { outcome: record.outcome }),
    version: record.version,
    variables: record.variables,
    openedAt: readInstant(record.opened_at),
    ...(record.closed_at === null ? {} : { closedAt: readInstant(record.closed_at) }),
    openTasks: open.map(readTask),
    closedTasks: tasks.filter((task) => task.closed_at !== null).map(readClosed),
    clocks: (row.clocks ?? []).toSorted(byStart).map(readClock),
    awaited: rests.flatMap(({ kind, id, element, name }) =>
      kind === "message" && name !== null ? [{ subscriptionId: id, element, message: name }] : [],
    ),
    timers: rests
      .flatMap(({ kind, id, element, due_at }) =>
        kind === "timer" && due_at !== null ? [{ timerId: id, element, dueAt: readInstant(due_at) }] : [],
      )
      .sort((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt)),
    at: [...new Set(tokens.map(({ element }) => element))].sort(),
    history: historyOf({ ...row, tasks }),
  };
}

function byStart(one: ClockRecord, other: ClockRecord): number {
  const [a, b] = [one, other].map(({ started_on, id }) => `${started_on} ${id}`);
  return (a ?? "") < (b ?? "") ? -1 : 1;
}

interface Placed extends HistoryEntry {
  readonly version: number;
  readonly ordinal: number;
}

/** What the rows of the case and of its tasks tell, and the rest, in the order in which it happened. */
function historyOf({ case: record, tasks, history }: ViewRecord): readonly HistoryEntry[] {
  const entries: Placed[] = [
    { version: 1, ordinal: 0, at: readInstant(record.opened_at), kind: "started", by: record.opened_by, detail: {} },
  ];
  for (const task of tasks ?? []) if (task.closed_at !== null) entries.push(taskEntry(task, task.closed_at));
  for (const { version, ordinal, at, kind, element, by, detail } of history ?? []) {
    const [where, who] = [element === null ? {} : { element }, by === null ? {} : { by }];
    entries.push({ version, ordinal, at: readInstant(at), kind, ...where, ...who, detail });
  }
  if (record.closed_at !== null) {
    const detail = { status: record.status, outcome: record.outcome };
    entries.push({ version: record.version, ordinal: LAST, at: readInstant(record.closed_at), kind: "ended", detail });
  }
  return entries
    .sort((one, other) => one.version - other.version || one.ordinal - other.ordinal)
    .map(({ version: _, ordinal: __, ...entry }) => entry);
}

const LAST = 1_000_000;

/** The end of a task comes first in its step; a task that was taken back follows what took it. */
function taskEntry(task: TaskRecord, closedAt: string): Placed {
  const completed = task.closed_by !== null;
  return {
    version: task.closed_version ?? 0,
    ordinal: completed ? 0 : LAST - 1,
    at: readInstant(closedAt),
    kind: completed ? "task-completed" : "task-cancelled",
    element: task.element,
    ...(task.closed_by === null ? {} : { by: task.closed_by }),
    detail: { task: task.id, outcome: task.outcome },
  };
}

function readClosed(record: TaskRecord): ClosedTask {
  assert(record.closed_at !== null && record.outcome !== null, "a closed task has an outcome");
  return {
    caseId: record.case_id,
    taskId: record.id,
    element: record.element,
    instance: record.instance,
    title: text(record.title_zh, record.title_en),
    duty: record.duty,
    openedAt: readInstant(record.opened_at),
    closedAt: readInstant(record.closed_at),
    ...(record.closed_by === null ? {} : { closedBy: record.closed_by }),
    outcome: record.outcome,
  };
}

interface QueueRecord extends TaskRecord {
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly case_opened_at: string;
}

/** Open tasks by their last day, without those that a person may not do. */
export async function readQueue(sql: Sql, query: TaskQuery): Promise<readonly QueuedTask[]> {
  assert(query.limit >= 1 && query.limit <= PROCEDURE_PAGE_MAX, `limit must be 1 to ${PROCEDURE_PAGE_MAX}`);
  const { after } = query;
  const values: unknown[] = [
    [...query.duties],
    query.rooms === undefined ? null : [...query.rooms],
    query.for ?? null,
    after === undefined ? null : (after.dueOn ?? NO_DUE_DAY),
    after?.openedAt ?? null,
    after?.caseId ?? null,
    after?.taskId ?? null,
    query.limit,
    query.elements === undefined ? null : [...query.elements],
    query.held ?? null,
  ];
  const shown = query.shown?.((value) => `$${values.push(value)}`) ?? "true";
  const rows = await sql.query<QueueRecord>(
    `SELECT t.*, c.number, c.service, c.opened_at AS case_opened_at
     FROM procedure.task t JOIN procedure."case" c ON c.id = t.case_id
     WHERE t.closed_at IS NULL AND t.duty = ANY ($1) AND ($2::text[] IS NULL OR t.room = ANY ($2))
       AND ($3::text IS NULL OR ((t.claimed_by IS NULL OR t.claimed_by = $3) AND NOT procedure.is_barred(t, $3)))
       AND ($9::text[] IS NULL OR t.element = ANY ($9))
       AND ($10::text IS NULL OR ($10 = 'free' AND t.claimed_by IS NULL) OR ($10 = 'mine' AND t.claimed_by = $3))
       AND ($4::date IS NULL OR (t.due_on, t.opened_at, t.case_id, t.id) > ($4::date, $5::timestamptz, $6::uuid, $7::integer))
       AND ${shown}
     ORDER BY t.due_on, t.opened_at, t.case_id, t.id LIMIT $8`,
    values,
  );
  return rows.map((row) => ({
    ...readTask(row),
    number: row.number,
    room: row.room,
    service: row.service,
    caseOpenedAt: readInstant(row.case_opened_at),
  }));
}

export async function readDueTimers(
  sql: Sql,
  query: { readonly at: string; readonly limit: number },
): Promise<readonly { readonly caseId: string; readonly timerId: number }[]> {
  assert(query.limit >= 1 && query.limit <= PROCEDURE_PAGE_MAX, `limit must be 1 to ${PROCEDURE_PAGE_MAX}`);
  const rows = await sql.query<{ case_id: string; id: number }>(
    "SELECT case_id, id FROM procedure.timer WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
    [query.at, query.limit],
  );
  return rows.map((row) => ({ caseId: row.case_id, timerId: row.id }));
}
