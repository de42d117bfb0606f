/** What one node knows of an exchange: which frames went where and when, which entries of its ledger tell of them, what waits for being sent. */
import type { Sql } from "#kernel/database/sql";
import type { LedgerRecord } from "#kernel/ledger/records";
import type { Kernel } from "#kernel/system/kernel";
import { messagesOf } from "#kernel/system/messages";
import { answerPlaceOf, type CallRow, type FrameRow, frameOf } from "./evidence.ts";
import { unpacked } from "./frames/leaves.ts";

/** Calls of one exchange that are shown. */
export const COURSE_CALLS_MAX = 200;
/** Entries of the ledger behind and before those of the calls, in which other entries of the same act are looked for. */
const AROUND_ENTRIES = 150;

export type CourseWanted = { readonly act: string } | { readonly trace: string };

export type CourseStep = {
  /** ISO 8601, UTC, by this node's clock. */
  readonly at: string;
  readonly act: string;
} & (
  | {
      readonly kind: "frame";
      readonly direction: "calls-out" | "calls-in" | "answers-out" | "answers-in";
      readonly peer: string;
      readonly frame: string;
      readonly place: number;
      /** Messages that travelled together. */
      readonly messages: number;
      /** SHA-256 of the message, hexadecimal: both sides have the same one. */
      readonly leaf: string;
    }
  | {
      readonly kind: "entry";
      readonly entry: number;
      readonly type: string;
      readonly operation: string;
      readonly outcome: string;
      readonly from: string | undefined;
      readonly policies: string[];
    }
  | {
      readonly kind: "message";
      readonly from: string;
      readonly operation: string;
      readonly state: string;
      /** Tries that failed and were not the last. */
      readonly failures: number;
    }
);

export interface Course {
  readonly acts: readonly string[];
  readonly trace: string | undefined;
  /** In the order of time. */
  readonly steps: readonly CourseStep[];
}

/** @param asking a node that asks: it is told of what it was itself a part of */
export async function courseOf(kernel: Kernel, wanted: CourseWanted, asking: string | undefined): Promise<Course> {
  const calls = await callsOf(kernel.database, wanted);
  const steps: CourseStep[] = [];
  const entries: number[] = [];
  for (const call of calls) {
    const frame = await frameOf(kernel, call.frame);
    if (frame === undefined || (asking !== undefined && frame.peer !== asking)) continue;
    steps.push(frameStep(call.act, frame, call.place));
    const answer = await answerPlaceOf(kernel, call, frame);
    const answered = answer && (await frameOf(kernel, answer.frame));
    if (answer && answered) steps.push(frameStep(call.act, answered, answer.place));
    entries.push(call.entry);
  }
  const acts = new Set(steps.map(({ act }) => act));
  if (asking === undefined && "act" in wanted) acts.add(wanted.act);
  for (const entry of await entriesOf(kernel, entries, asking === undefined ? acts : new Set())) {
    const step = entryStep(entry);
    if (step !== undefined) steps.push(step);
  }
  const trace =
    "trace" in wanted ? wanted.trace : calls.find((call) => call.trace !== null)?.trace?.replaceAll("-", "");
  if (asking === undefined) {
    const messages = await messagesOf(kernel.database, { acts: [...acts], trace });
    for (const { room, from, operation, at, status, failures, act } of messages) {
      steps.push({ kind: "message", at, act, from, operation: `${room}.${operation}`, state: status, failures });
    }
  }
  return { acts: [...acts], trace, steps: inOrder(steps) };
}

/** Of what happened in the same millisecond, a call before its answer, and a message before the entry that tells of it. */
function inOrder(steps: readonly CourseStep[]): readonly CourseStep[] {
  const rank = (step: CourseStep) => (step.kind === "frame" ? 0 : step.kind === "message" ? 1 : 2);
  return steps.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at) || rank(one) - rank(other));
}

function callsOf(sql: Sql, wanted: CourseWanted) {
  const [column, value] = "act" in wanted ? ["act", wanted.act] : ["trace", wanted.trace];
  return sql.query<CallRow & { readonly act: string; readonly trace: string | null }>(
    `SELECT act, frame, place, answer, answer_place, entry, trace FROM exchange.call WHERE ${column} = $1 ORDER BY entry LIMIT $2`,
    [value, COURSE_CALLS_MAX],
  );
}

function frameStep(act: string, row: FrameRow, place: number): CourseStep {
  const leaves = unpacked(row.leaves);
  return {
    ...{ kind: "frame", at: row.at, act, peer: row.peer, frame: row.id, place, messages: leaves.length },
    direction: row.kind as "calls-out",
    leaf: Buffer.from(leaves[place] ?? new Uint8Array()).toString("hex"),
  };
}

/** Those of the calls, and what else the same acts entered around them. */
async function entriesOf(
  { ledger }: Kernel,
  ids: readonly number[],
  acts: ReadonlySet<string>,
): Promise<readonly LedgerRecord[]> {
  const own = (await Promise.all(ids.map((id) => ledger.entry(id)))).filter((record) => record !== undefined);
  if (acts.size === 0) return own;
  const found = new Map(own.map((record) => [record.id, record]));
  const first = Math.min(...ids);
  for (let before: number | undefined = ids.length === 0 ? undefined : Math.max(...ids) + AROUND_ENTRIES; ; ) {
    const page = await ledger.latest({ limit: AROUND_ENTRIES, before });
    for (const record of page.records) {
      if (acts.has(record.content?.actId ?? "")) found.set(record.id, record);
    }
    before = page.next;
    if (before === undefined || ids.length === 0 || before < first - AROUND_ENTRIES) return [...found.values()];
  }
}

function entryStep({ id, leaf, content }: LedgerRecord): CourseStep | undefined {
  if (content?.actId === undefined) return undefined;
  return {
    ...{ kind: "entry", at: leaf.at, act: content.actId, entry: id, type: leaf.type },
    ...{ operation: `${leaf.room}.${leaf.operation}`, outcome: content.outcome, from: content.origin?.node },
    policies: [...(content.policies ?? [])],
  };
}
