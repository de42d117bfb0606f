import { setTimeout as sleep } from "node:timers/promises";
import { Logger, makeWorkerUtils, type Runner, run, runMigrations } from "graphile-worker";
import type { Sql } from "../database/sql.ts";
import { traced } from "../system/trace.ts";

/** Jobs of one node that run at the same time. */
export const JOB_CONCURRENCY = 4;
/** Connections that the job runner may hold beside the kernel's own. */
export const JOB_POOL_CONNECTIONS = 6;
/** How often the runner looks for work that no notification announced, such as a timer that falls due. */
export const JOB_POLL_INTERVAL_MS = 2_000;

/** What runs for a job. A job that throws is tried again, later and later, until its attempts are used up. */
export type JobTask = (payload: never, attempt: { readonly number: number; readonly last: boolean }) => Promise<void>;

export interface JobOptions {
  /** One job a key at most; adding it again replaces it while it waits. */
  readonly key?: string;
  /** ISO 8601; default at once. */
  readonly runAt?: string;
  readonly maxAttempts?: number;
  /** Jobs of one queue run one after the other. */
  readonly queue?: string;
  /** Runs only when nothing else is due: nobody waits for it. */
  readonly yields?: boolean;
  /** Where a job of this key waits already, its time stays. */
  readonly keepsRunAt?: boolean;
}

/** The runner takes smaller numbers first. */
const YIELDING_PRIORITY = 10;

/** Adds a job in the transaction of what causes it: it exists exactly when that commits. */
export async function addJob(sql: Sql, task: string, payload: object, options: JobOptions = {}): Promise<void> {
  await sql.query(
    `SELECT 1 FROM graphile_worker.add_job($1::text, $2::json, queue_name => $3::text, run_at => $4::timestamptz,
       max_attempts => $5::int, job_key => $6::text, job_key_mode => $7::text, priority => $8::int)`,
    [
      task,
      JSON.stringify(payload),
      options.queue ?? null,
      options.runAt ?? null,
      options.maxAttempts ?? null,
      options.key ?? null,
      options.keepsRunAt === true ? "preserve_run_at" : "replace",
      options.yields === true ? YIELDING_PRIORITY : 0,
    ],
  );
}

/** Takes back a job that has not begun. */
export async function removeJob(sql: Sql, key: string): Promise<void> {
  await sql.query("SELECT 1 FROM graphile_worker.remove_job($1::text)", [key]);
}

/** How many jobs there are: `waiting` are due and not taken, `failed` have used up their attempts. */
export interface JobCounts {
  readonly waiting: number;
  readonly running: number;
  readonly scheduled: number;
  readonly failed: number;
}

export async function countJobs(sql: Sql): Promise<JobCounts> {
  const [row] = await sql.query<JobCounts>(
    `SELECT count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now()) AS waiting,
       count(*) FILTER (WHERE locked_at IS NOT NULL) AS running,
       count(*) FILTER (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at > now()) AS scheduled,
       count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts) AS failed
     FROM graphile_worker.jobs`,
  );
  return row ?? { waiting: 0, running: 0, scheduled: 0, failed: 0 };
}

interface JobLog {
  readonly failed: (failure: { readonly task: string; readonly attempt: number; readonly error: unknown }) => void;
}

/** Makes or updates the runner's own tables. */
export async function migrateJobs(connectionString: string): Promise<void> {
  await runMigrations({ connectionString, logger: SILENT });
}

/** Starts to run jobs; stopping waits for those under way. */
export async function startJobs(options: {
  readonly connectionString: string;
  readonly tasks: Readonly<Record<string, JobTask>>;
  readonly log: JobLog;
}): Promise<{ stop(): Promise<void> }> {
  const taskList = Object.fromEntries(
    Object.entries(options.tasks).map(([name, task]) => [
      name,
      async (payload: unknown, helpers: { job: { attempts: number; max_attempts: number } }) => {
        const { attempts, max_attempts: most } = helpers.job;
        try {
          await traced({ name: `job ${name}`, attributes: { "zhengtong.job": name } }, () =>
            task(payload as never, { number: attempts, last: attempts >= most }),
          );
        } catch (error) {
          options.log.failed({ task: name, attempt: attempts, error });
          throw error;
        }
      },
    ]),
  );
  const connectionString = namedConnection(options.connectionString);
  const open = async (): Promise<Runner> => {
    await releaseLostJobs(connectionString);
    const opened = await run({
      connectionString,
      taskList,
      noHandleSignals: true,
      // Gathered, the ends of jobs are tried again by the runner. One by one, nobody awaits them: a database that goes away just then
      // would end the process with a rejection that nothing handles.
      preset: {
        worker: {
          concurrentJobs: JOB_CONCURRENCY,
          maxPoolSize: JOB_POOL_CONNECTIONS,
          pollInterval: JOB_POLL_INTERVAL_MS,
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
      logger: SILENT,
    });
    opened.promise.catch(() => undefined); // seen to by `keep`, whenever it looks
    return opened;
  };
  let runner: Runner | undefined = await open();
  const stopped = new AbortController();
  const keep = async () => {
    while (!stopped.signal.aborted) {
      try {
        runner ??= await open();
        await runner.promise;
        return;
      } catch (error) {
        // The database went away in the middle of a job's end. The runner gives itself up then; the node does not.
        if (stopped.signal.aborted) return;
        options.log.failed({ task: RUNNER, attempt: 1, error });
        runner = undefined;
        await sleep(JOB_POLL_INTERVAL_MS, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
      }
    }
  };
  const kept = keep();
  return {
    async stop() {
      stopped.abort();
      await runner?.stop().catch(() => undefined); // it may have ended already
      await kept;
      await runner?.promise.catch(() => undefined);
    },
  };
}

/** What the log calls the runner itself, where a task would stand. */
const RUNNER = "runner";

/** How the runner's sessions are told from others. */
const APPLICATION_NAME = "zhengtong-jobs";

function namedConnection(connectionString: string): string {
  const url = new URL(connectionString);
  url.searchParams.set("application_name", APPLICATION_NAME);
  return url.href;
}

/**
 * Gives back the jobs of processes that were killed, or of the node of which this database is a copy: they are locked by
 * nobody, and would rest for hours. A runner listens on one session as long as it lives, so that a job which was taken
 * before the oldest such session began is nobody's.
 */
async function releaseLostJobs(connectionString: string): Promise<void> {
  const jobs = await makeWorkerUtils({ connectionString, maxPoolSize: 1, logger: SILENT });
  try {
    await jobs.withPgClient((client) =>
      client.query(
        `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by)) FROM graphile_worker.jobs
         WHERE locked_at < coalesce((SELECT min(backend_start) FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()), now())`,
        [APPLICATION_NAME],
      ),
    );
  } finally {
    await jobs.release();
  }
}

/** The runner's own words may quote payloads; failures are reported through `JobLog`. */
const SILENT = new Logger(() => () => undefined);
