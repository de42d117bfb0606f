import type { ClockRow } from "./changes.ts";
import { CASE_MEMORY_MAX } from "./limits.ts";
import type { CaseState } from "./types.ts";

/** What the rows of a case say: read under its lock, or remembered of the step that wrote them. */
export interface HeldCase {
  readonly caseId: string;
  readonly number: string;
  readonly room: string;
  readonly service: string;
  readonly digest: string;
  readonly version: number;
  /** Of its last writer; null where that was of a version without stamps. */
  readonly stamp: string | null;
  readonly state: CaseState;
  /** Names of the messages that are awaited, by wait. */
  readonly messages: ReadonlyMap<number, string>;
  readonly clocks: readonly ClockRow[];
  /** Open and closed ones. */
  readonly tasks: readonly HeldTask[];
}

/** What decides whether a person may act on a task, and whether its last day follows a clock. */
export interface HeldTask {
  readonly id: number;
  readonly token: number;
  readonly element: string;
  readonly clock: string | null;
  readonly people: number;
  readonly notBy: readonly string[];
  readonly claimedBy: string | null;
  readonly closedBy: string | null;
  /** Null while it is open. */
  readonly closedAt: string | null;
}

/** Whether a person completed a task that this one excludes, or another instance of the same one (行政许可法 §34). */
export function isBarred(held: HeldCase, task: HeldTask, person: string): boolean {
  return held.tasks.some(
    (done) =>
      done.closedBy === person && (task.notBy.includes(done.element) || (task.people > 1 && done.token === task.token)),
  );
}

/** Open tasks whose last day is a clock's. */
export function clockTasks(held: HeldCase): readonly { readonly id: number; readonly clock: string }[] {
  return held.tasks.flatMap(({ id, clock, closedAt }) => (clock === null || closedAt !== null ? [] : [{ id, clock }]));
}

/**
 * Cases that this process moved on last, as the step left them, so that the next one need not read them. Nothing rests on it: a
 * step from memory is written only where the case still has the stamp of what is remembered.
 */
export class CaseMemory {
  readonly #cases = new Map<string, HeldCase>();

  get(caseId: string): HeldCase | undefined {
    return this.#cases.get(caseId);
  }

  put(held: HeldCase): void {
    this.#cases.delete(held.caseId);
    if (this.#cases.size >= CASE_MEMORY_MAX) {
      const [oldest] = this.#cases.keys();
      if (oldest !== undefined) this.#cases.delete(oldest);
    }
    this.#cases.set(held.caseId, held);
  }

  forget(caseId: string): void {
    this.#cases.delete(caseId);
  }
}
