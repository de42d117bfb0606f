import type { Database } from "../database/sql.ts";
import { exchangeJobs, failJob, releaseLost, releaseOwn, removeReplaced, type TakenJob, taskNames } from "./queue.ts";

/** Jobs of one node that run at the same time. */
export const JOB_CONCURRENCY = 6;
/** How often the runner looks for work that no notification announced, such as a timer that falls due. */
export const JOB_POLL_INTERVAL_MS = 2_000;
/** How long the runner waits after the database did not answer. */
export const JOB_RETRY_INTERVAL_MS = 500;
/** How often jobs that nobody does are looked for. */
export const LOST_JOBS_INTERVAL_MS = 15_000;
/** A process whose sessions are all gone for so long is taken for dead. */
export const LOST_AFTER_MS = 30_000;
/** How long stopping waits for jobs under way; those that are left are done by the next process. */
export const JOB_STOP_TIMEOUT_MS = 15_000;
/** What graphile-worker's functions tell when a job was added. */
const CHANNEL = "jobs:insert";

export interface RunnerOptions {
  /** Of its own: its sessions bear the name of the holder. */
  readonly database: Database;
  readonly holder: string;
  /** The names of the tasks that it knows. */
  readonly tasks: readonly string[];
  /** Does one job; a rejection is a failed attempt. */
  readonly perform: (job: TakenJob) => Promise<void>;
  /** Told once when the database stops to answer. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Takes jobs and does them, as long as it is not stopped, whatever becomes of the database meanwhile: each statement may be
 * repeated, and after one that failed the runner makes sure that it holds no job that it does not know of.
 */
export class JobRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Map<number, Promise<void>>();
  readonly #ended = new Set<number>();
  readonly #failed = new Map<number, string>();
  #tasks: ReadonlyMap<number, string> | undefined;
  #listening: (() => Promise<void>) | undefined;
  /** Whether the queue may say that this runner holds a job of which it knows nothing. */
  #uncertain = true;
  #lookAtMs = 0;
  #stopping = false;
  #rung = false;
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** @throws when the database does not answer now; later it may come and go */
  async start(): Promise<void> {
    await this.#prepare();
    await releaseLost(this.#options.database, this.#options.holder, 0);
    this.#loop = this.#run();
  }

  /** Takes no more, waits for the jobs under way for a bounded time, and writes down how they ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#ring();
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, JOB_STOP_TIMEOUT_MS);
    await Promise.race([this.#loop, timeout.promise]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    let faults = 0;
    while (!this.#isOver()) {
      this.#rung = false;
      try {
        await this.#prepare();
        await this.#writeFailures();
        await this.#exchange();
        faults = 0;
        if (!this.#isOver()) await this.#rest(JOB_POLL_INTERVAL_MS);
      } catch (error) {
        this.#uncertain = true;
        faults += 1;
        if (faults === 1) this.#options.onFault(error);
        // What is not written down is done again by the next process: each job bears repetition.
        if (this.#stopping && this.#running.size === 0) return;
        this.#rung = false;
        await this.#rest(JOB_RETRY_INTERVAL_MS);
      }
    }
  }

  #isOver(): boolean {
    return this.#stopping && this.#running.size + this.#ended.size + this.#failed.size === 0;
  }

  async #prepare(): Promise<void> {
    const { database, holder, tasks } = this.#options;
    this.#listening ??= await database.listen(CHANNEL, (payload) => {
      if (payload === undefined) this.#uncertain = true; // the connection was lost and came back
      this.#ring();
    });
    this.#tasks ??= await taskNames(database, tasks);
    const isTime = performance.now() >= this.#lookAtMs;
    if (this.#uncertain || isTime) await releaseOwn(database, { holder, ids: this.#held() });
    this.#uncertain = false;
    if (!isTime) return;
    await releaseLost(database, holder, LOST_AFTER_MS);
    await removeReplaced(database);
    this.#lookAtMs = performance.now() + LOST_JOBS_INTERVAL_MS;
  }

  #held(): readonly number[] {
    return [...this.#running.keys(), ...this.#ended, ...this.#failed.keys()];
  }

  async #writeFailures(): Promise<void> {
    const { database, holder } = this.#options;
    for (const [id, error] of [...this.#failed]) {
      await failJob(database, { holder, id, error });
      this.#failed.delete(id);
    }
  }

  /** Tells the queue which jobs have ended, and begins others. */
  async #exchange(): Promise<void> {
    const { database, holder } = this.#options;
    const limit = this.#stopping ? 0 : JOB_CONCURRENCY - this.#running.size;
    const ended = [...this.#ended];
    if (limit === 0 && ended.length === 0) return;
    const { taken, left } = await exchangeJobs(database, { holder, ended, tasks: this.#tasks ?? new Map(), limit });
    for (const id of ended) if (!left.has(id)) this.#ended.delete(id);
    for (const job of taken) this.#begin(job);
  }

  #begin(job: TakenJob): void {
    const end = () => {
      this.#running.delete(job.id);
      this.#ring();
    };
    const work = this.#options.perform(job).then(
      () => {
        this.#ended.add(job.id);
        end();
      },
      (error: unknown) => {
        this.#failed.set(job.id, nameOf(error));
        end();
      },
    );
    this.#running.set(job.id, work);
  }

  #ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Until something happens, or for so long. */
  async #rest(timeoutMs: number): Promise<void> {
    if (this.#rung) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
    clearTimeout(timer);
  }
}

/** What the queue keeps of a failure: a message may quote what someone entered. */
function nameOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  if (typeof code === "string") return code;
  return error instanceof Error ? error.name : "unknown";
}
