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

interface LockedRecord {
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly digest: string;
  readonly status: CaseStatus;
  readonly outcome: string | null;
  readonly variables: Variables;
  readonly next_id: number;
  readonly version: number;
  readonly rests: readonly RestRecord[] | null;
  readonly tasks: readonly OpenTaskRecord[] | null;
  readonly clocks: readonly ClockRecord[] | null;
  readonly clock_tasks: LockedCase["clockTasks"] | null;
  readonly task_element: string | null;
  readonly task_claimed_by: string | null;
  readonly task_closed_by: string | null;
  readonly task_closed_at: string | null;
  readonly task_barred: boolean | null;
}

/** A row of procedure.rest, as the list that `lock_case` makes of it. */
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

/** Locks a case until the transaction ends and reads what it rests on, and one of its tasks: one round trip. */
export async function lockCase(
  tx: Transaction,
  wanted: { readonly caseId: string; readonly taskId?: number; readonly by?: string },
): Promise<LockedCase | undefined> {
  const [record] = await tx.query<LockedRecord>("SELECT * FROM procedure.lock_case($1, $2, $3)", [
    wanted.caseId,
    wanted.taskId ?? null,
    wanted.by ?? null,
  ]);
  if (record === undefined) return undefined;
  const { number, room, service, digest, version } = record;
  const task = readAskedTask(record);
  return {
    caseId: wanted.caseId,
    number,
    room,
    service,
    digest,
    version,
    ...readRests(record),
    clocks: (record.clocks ?? []).map(readClock),
    clockTasks: record.clock_tasks ?? [],
    ...(task === undefined ? {} : { task }),
  };
}

function readRests(record: LockedRecord): Pick<LockedCase, "state" | "messages"> {
  const tokens: Token[] = [];
  const waits: Wait[] = [];
  const messages = new Map<number, string>();
  for (const [id, kind, inside, element, via, name] of record.rests ?? []) {
    if (kind === "token") tokens.push({ id, scope: inside, element, ...(via === null ? {} : { via }) });
    else waits.push({ id, token: inside, element, kind });
    if (kind === "message" && name !== null) messages.set(id, name);
  }
  const seen = new Set<number>();
  for (const [id, token, scope, element] of record.tasks ?? []) {
    waits.push({ id, token, element, kind: "task" });
    if (!seen.has(token)) tokens.push({ id: token, scope, element });
    seen.add(token);
  }
  const state: CaseState = {
    status: record.status,
    ...(record.outcome === null ? {} : { outcome: record.outcome }),
    nextId: record.next_id,
    tokens,
    waits,
    variables: record.variables,
  };
  return { state, messages };
}

function readAskedTask(record: LockedRecord): AskedTask | undefined {
  if (record.task_element === null) return undefined;
  return {
    element: record.task_element,
    claimedBy: record.task_claimed_by,
    closedBy: record.task_closed_by,
    closedAt: record.task_closed_at,
    barred: record.task_barred === true,
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

/** PostgreSQL writes instants in JSON with an offset; we write them in UTC. */
export function readInstant(value: string): string {
  return Temporal.Instant.from(value).toString();
}
