import { text } from "#lib/language/text";
import type { Transaction } from "../database/sql.ts";
import { type ClockRecord, readClock } from "./case-clock.ts";
import type { ClockRow, OpenTask } from "./changes.ts";
import type { CaseState, CaseStatus, Token, Variables, Wait } from "./types.ts";

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
  readonly outcome: string | null;
}

/** A case that this transaction holds. */
export interface LockedCase {
  readonly record: CaseRecord;
  readonly state: CaseState;
  /** Names of the messages that are awaited, by wait. */
  readonly messages: Readonly<Record<string, string>>;
  readonly clocks: readonly ClockRow[];
  /** Open tasks whose last day is a clock's. */
  readonly clockTasks: readonly { readonly id: number; readonly clock: string }[];
  readonly task?: TaskRecord & { readonly barred: boolean };
}

interface LockedRecord {
  readonly case: CaseRecord;
  readonly tokens: readonly (Omit<Token, "via"> & { readonly via: string | null })[] | null;
  readonly waits: readonly Wait[] | null;
  readonly messages: Readonly<Record<string, string>> | null;
  readonly clocks: readonly ClockRecord[] | null;
  readonly clock_tasks: LockedCase["clockTasks"] | null;
  readonly task: LockedCase["task"] | null;
}

/** Locks a case until the transaction ends and reads what it rests on, and one of its tasks: one round trip. */
export async function lockCase(
  tx: Transaction,
  wanted: { readonly caseId: string; readonly taskId?: number; readonly by?: string },
): Promise<LockedCase | undefined> {
  const [row] = await tx.query<{ locked: LockedRecord | null }>("SELECT procedure.lock_case($1, $2, $3) AS locked", [
    wanted.caseId,
    wanted.taskId ?? null,
    wanted.by ?? null,
  ]);
  const locked = row?.locked;
  if (locked === null || locked === undefined) return undefined;
  const { case: record, task } = locked;
  return {
    record,
    state: {
      status: record.status,
      ...(record.outcome === null ? {} : { outcome: record.outcome }),
      nextId: record.next_id,
      tokens: (locked.tokens ?? []).map(({ via, ...token }) => (via === null ? token : { ...token, via })),
      waits: locked.waits ?? [],
      variables: record.variables,
    },
    messages: locked.messages ?? {},
    clocks: (locked.clocks ?? []).map(readClock),
    clockTasks: locked.clock_tasks ?? [],
    ...(task === null || task === undefined ? {} : { task }),
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
