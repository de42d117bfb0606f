import { text } from "#lib/language/text";
import type { Transaction } from "../database/sql.ts";
import { type ClockRecord, readClock } from "./case-clock.ts";
import type { ClockRow, OpenTask } from "./changes.ts";
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

/** A case that this transaction holds. */
export interface LockedCase {
  readonly caseId: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly digest: string;
  readonly version: number;
  readonly state: CaseState;
  /** Names of the messages that are awaited, by wait. */
  readonly messages: ReadonlyMap<number, string>;
  readonly clocks: readonly ClockRow[];
  /** Open tasks whose last day is a clock's. */
  readonly clockTasks: readonly { readonly id: number; readonly clock: string }[];
  readonly task?: AskedTask;
}

/** What decides whether a person may act on a task. */
export interface AskedTask {
  readonly element: string;
  readonly claimedBy: string | null;
  readonly closedBy: string | null;
  readonly closedAt: string | null;
  readonly barred: boolean;
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
}

interface RestingRecord {
  readonly rests: readonly RestRecord[] | null;
  readonly tasks: readonly OpenTaskRecord[] | null;
  readonly clocks: readonly ClockRecord[] | null;
  readonly clock_tasks: LockedCase["clockTasks"] | null;
  readonly element: string | null;
  readonly claimed_by: string | null;
  readonly closed_by: string | null;
  readonly closed_at: string | null;
  readonly barred: boolean | null;
}

/** A row of procedure.rest, as a list. */
type RestRecord = readonly [
  id: number,
  kind: "token" | Exclude<WaitKind, "task">,
  inside: number,
  element: string,
  via: string | null,
  name: string | null,
];

/** An open task, which tells its token too. */
type OpenTaskRecord = readonly [id: number, token: number, scope: number, element: string];

const HOLD = `SELECT number, room, service, digest, status, outcome, variables, next_id, version
  FROM procedure."case" WHERE id = $1 FOR NO KEY UPDATE`;

const READ = `SELECT
    (SELECT json_agg(json_build_array(r.id, r.kind, r.inside, r.element, r.via, r.name) ORDER BY r.id)
      FROM procedure.rest r WHERE r.case_id = $1) AS rests,
    (SELECT jsonb_agg(to_jsonb(k) - 'case_id') FROM procedure.clock k WHERE k.case_id = $1) AS clocks,
    (SELECT procedure.is_barred(b, $3) FROM procedure.task b WHERE b.case_id = $1 AND b.id = $2) AS barred,
    json_agg(json_build_array(t.id, t.token, t.scope, t.element) ORDER BY t.id) FILTER (WHERE t.closed_at IS NULL) AS tasks,
    json_agg(json_build_object('id', t.id, 'clock', t.due_clock))
      FILTER (WHERE t.closed_at IS NULL AND t.due_clock IS NOT NULL) AS clock_tasks,
    max(t.element) FILTER (WHERE t.id = $2) AS element, max(t.claimed_by) FILTER (WHERE t.id = $2) AS claimed_by,
    max(t.closed_by) FILTER (WHERE t.id = $2) AS closed_by, max(t.closed_at) FILTER (WHERE t.id = $2) AS closed_at
  FROM procedure.task t WHERE t.case_id = $1`;

/**
 * Locks a case until the transaction ends and reads what it rests on, and one of its tasks: two statements, one round trip.
 * Two on purpose: the second sees what a writer, for whom the first waited, has committed, while subqueries of the locking
 * statement would still see the rows of before.
 */
export async function lockCase(
  tx: Transaction,
  wanted: { readonly caseId: string; readonly taskId?: number; readonly by?: string },
): Promise<LockedCase | undefined> {
  const [[held], [resting]] = await Promise.all([
    tx.query<HeldRecord>(HOLD, [wanted.caseId]),
    tx.query<RestingRecord>(READ, [wanted.caseId, wanted.taskId ?? null, wanted.by ?? null]),
  ]);
  if (held === undefined || resting === undefined) return undefined;
  const { number, room, service, digest, version } = held;
  const task = readAskedTask(resting);
  return {
    caseId: wanted.caseId,
    number,
    room,
    service,
    digest,
    version,
    ...readRests(held, resting),
    clocks: (resting.clocks ?? []).map(readClock),
    clockTasks: resting.clock_tasks ?? [],
    ...(task === undefined ? {} : { task }),
  };
}

function readRests(held: HeldRecord, resting: RestingRecord): Pick<LockedCase, "state" | "messages"> {
  const tokens: Token[] = [];
  const waits: Wait[] = [];
  const messages = new Map<number, string>();
  for (const [id, kind, inside, element, via, name] of resting.rests ?? []) {
    if (kind === "token") tokens.push({ id, scope: inside, element, ...(via === null ? {} : { via }) });
    else waits.push({ id, token: inside, element, kind });
    if (kind === "message" && name !== null) messages.set(id, name);
  }
  const seen = new Set<number>();
  for (const [id, token, scope, element] of resting.tasks ?? []) {
    waits.push({ id, token, element, kind: "task" });
    if (!seen.has(token)) tokens.push({ id: token, scope, element });
    seen.add(token);
  }
  const state: CaseState = {
    status: held.status,
    ...(held.outcome === null ? {} : { outcome: held.outcome }),
    nextId: held.next_id,
    tokens,
    waits,
    variables: held.variables,
  };
  return { state, messages };
}

function readAskedTask({ element, claimed_by, closed_by, closed_at, barred }: RestingRecord): AskedTask | undefined {
  if (element === null) return undefined;
  return { element, claimedBy: claimed_by, closedBy: closed_by, closedAt: closed_at, barred: barred === true };
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

/** PostgreSQL writes instants in JSON with an offset; we write them in UTC. */
export function readInstant(value: string): string {
  return Temporal.Instant.from(value).toString();
}
