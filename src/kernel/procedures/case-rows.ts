import { text } from "#lib/language/text";
import type { Transaction } from "../database/sql.ts";
import { type ClockRecord, readClock } from "./case-clock.ts";
import type { OpenTask } from "./changes.ts";
import type { HeldCase, HeldTask } from "./held-case.ts";
import type { CaseState, CaseStatus, Token, Variables, Wait, WaitKind } from "./types.ts";

/** A row of procedure.case, as JSON. */
export interface CaseRecord {
  readonly id: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly digest: string;
  readonly status: CaseStatus;
  readonly outcome: string | null;
  readonly variables: Variables;
  readonly next_id: number;
  readonly version: number;
  readonly opened_at: string;
  readonly opened_by: string;
  readonly closed_at: string | null;
}

/** A row of procedure.task, as JSON. */
export interface TaskRecord {
  readonly case_id: string;
  readonly id: number;
  readonly token: number;
  readonly element: string;
  readonly instance: number;
  readonly title_zh: string;
  readonly title_en: string;
  readonly duty: string;
  readonly not_by: readonly string[];
  readonly people: number;
  readonly opened_at: string;
  readonly due_on: string;
  readonly due_clock: string | null;
  readonly claimed_by: string | null;
  readonly closed_at: string | null;
  readonly closed_by: string | null;
  readonly closed_version: number | null;
  readonly outcome: string | null;
}

interface HeldRecord {
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly digest: string;
  readonly status: CaseStatus;
  readonly outcome: string | null;
  readonly variables: Variables;
  readonly next_id: number;
  readonly version: number;
  readonly stamp: string | null;
}

/** A row of task, rest or clock, in one shape, so that one statement reads all three. */
type RestingRecord = OpenOrClosedTask | RestRecord | ClockOfCase;

interface OpenOrClosedTask {
  readonly kind: "task";
  readonly id: number;
  readonly inside: number;
  readonly scope: number;
  readonly element: string;
  /** The clock that its last day follows. */
  readonly name: string | null;
  readonly claimed_by: string | null;
  readonly closed_by: string | null;
  readonly closed_at: string | null;
  readonly people: number;
  readonly not_by: readonly string[];
}

interface RestRecord {
  readonly kind: "token" | Exclude<WaitKind, "task">;
  readonly id: number;
  readonly inside: number;
  readonly element: string;
  readonly via: string | null;
  readonly name: string | null;
}

interface ClockOfCase {
  readonly kind: "clock";
  readonly clock: ClockRecord;
}

const HOLD = `SELECT number, room, service, digest, status, outcome, variables, next_id, version, stamp
  FROM procedure."case" WHERE id = $1 FOR NO KEY UPDATE`;

const READ = `SELECT 'task' AS kind, t.id, t.token AS inside, t.scope, t.element, t.due_clock AS name, NULL AS via,
    t.claimed_by, t.closed_by, t.closed_at, t.people, t.not_by, NULL::jsonb AS clock
  FROM procedure.task t WHERE t.case_id = $1
  UNION ALL SELECT r.kind, r.id, r.inside, NULL, r.element, r.name, r.via, NULL, NULL, NULL, NULL, NULL, NULL
  FROM procedure.rest r WHERE r.case_id = $1
  UNION ALL SELECT 'clock', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, to_jsonb(k) - 'case_id'
  FROM procedure.clock k WHERE k.case_id = $1`;

/**
 * Locks a case until the transaction ends and reads what it rests on: two statements, one round trip. Two on purpose: the second
 * sees what a writer, for whom the first waited, has committed, while subqueries of the locking statement would still see the
 * rows of before.
 */
export async function lockCase(tx: Transaction, caseId: string): Promise<HeldCase | undefined> {
  const [[held], rows] = await Promise.all([
    tx.query<HeldRecord>(HOLD, [caseId]),
    tx.query<RestingRecord>(READ, [caseId]),
  ]);
  if (held === undefined) return undefined;
  const { number, room, service, digest, version, stamp } = held;
  const tasks = rows.filter((row) => row.kind === "task");
  const rests = rows.filter((row) => row.kind !== "task" && row.kind !== "clock");
  return {
    caseId,
    number,
    room,
    service,
    digest,
    version,
    stamp,
    state: stateOf(
      held,
      tasks.filter((task) => task.closed_at === null),
      rests,
    ),
    messages: new Map(rests.flatMap(({ kind, id, name }) => (kind === "message" && name !== null ? [[id, name]] : []))),
    clocks: rows.filter((row) => row.kind === "clock").map(({ clock }) => readClock(clock)),
    tasks: tasks.map(heldTask),
  };
}

function heldTask(task: OpenOrClosedTask): HeldTask {
  return {
    id: task.id,
    token: task.inside,
    element: task.element,
    clock: task.name,
    people: task.people,
    notBy: task.not_by,
    claimedBy: task.claimed_by,
    closedBy: task.closed_by,
    closedAt: task.closed_at,
  };
}

function stateOf(held: HeldRecord, open: readonly OpenOrClosedTask[], rests: readonly RestRecord[]): CaseState {
  const tokens = new Map<number, Token>();
  const waits: Wait[] = [];
  for (const { kind, id, inside, element, via } of rests) {
    if (kind === "token") tokens.set(id, { id, scope: inside, element, ...(via === null ? {} : { via }) });
    else waits.push({ id, token: inside, element, kind });
  }
  for (const { id, inside: token, scope, element } of open) {
    waits.push({ id, token, element, kind: "task" });
    tokens.set(token, { id: token, scope, element });
  }
  const byId = (one: { readonly id: number }, other: { readonly id: number }) => one.id - other.id;
  return {
    status: held.status,
    ...(held.outcome === null ? {} : { outcome: held.outcome }),
    nextId: held.next_id,
    tokens: [...tokens.values()].sort(byId),
    waits: waits.sort(byId),
    variables: held.variables,
  };
}

/** `infinity` is how a missing last day sorts behind the others. */
export const NO_DUE_DAY = "infinity";

export function readTask(record: TaskRecord): OpenTask {
  return {
    caseId: record.case_id,
    taskId: record.id,
    element: record.element,
    instance: record.instance,
    title: text(record.title_zh, record.title_en),
    duty: record.duty,
    notBy: record.not_by,
    openedAt: readInstant(record.opened_at),
    ...(record.due_on === NO_DUE_DAY ? {} : { dueOn: record.due_on }),
    ...(record.claimed_by === null ? {} : { claimedBy: record.claimed_by }),
  };
}

/** PostgreSQL writes instants in JSON with the offset of the session, which is UTC for ours; we write a Z. */
export function readInstant(value: string): string {
  if (UTC_IN_JSON.test(value)) return `${value.slice(0, -"+00:00".length)}Z`;
  return Temporal.Instant.from(value).toString();
}

/** As both PostgreSQL and Temporal write it: no more digits of a second than it has. */
const UTC_IN_JSON = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,5}[1-9])?\+00:00$/;
