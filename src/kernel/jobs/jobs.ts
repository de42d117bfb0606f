import { Buffer } from "node:buffer";
import { openDatabase } from "../database/database.ts";
import { databaseFault } from "../database/database-fault.ts";
import { withLibraryPool } from "../database/library-pool.ts";
import type { Sql } from "../database/sql.ts";
import { assert } from "../errors/fault.ts";
import { randomBytes } from "../random.ts";
import { traced } from "../system/trace.ts";
import type { TakenJob } from "./queue.ts";
import { JobRunner } from "./runner.ts";

/** Connections that the job runner may hold beside the kernel's own, and beside the one on which it listens. */
const JOB_POOL_CONNECTIONS = 2;

/** What runs for a job. A job that throws is tried again, later and later, until its attempts are used up. */
export type JobTask = (payload: never, attempt: { readonly number: number; readonly last: boolean }) => Promise<void>;

export interface JobOptions {
  /** One job a key at most; adding it again replaces it while it waits, and has it done once more where it runs. */
  readonly key: string;
  /** ISO 8601; default at once. */
  readonly runAt?: string;
  readonly maxAttempts?: number;
  /** Runs only when nothing else is due: nobody waits for it. */
  readonly yields?: boolean;
  /** Where a job of this key waits already, its time stays. */
  readonly keepsRunAt?: boolean;
}

/** The runner takes smaller numbers first. */
const YIELDING_PRIORITY = 10;

/** Adds a job in the transaction of what causes it: it exists exactly when that commits. */
export async function addJob(sql: Sql, task: string, payload: object, options: JobOptions): Promise<void> {
  await sql.query(
    `SELECT 1 FROM graphile_worker.add_job($1::text, $2::json, run_at => $3::timestamptz, max_attempts => $4::int,
       job_key => $5::text, job_key_mode => $6::text, priority => $7::int)`,
    [
      task,
      JSON.stringify(payload),
      options.runAt ?? null,
      options.maxAttempts ?? null,
      options.key,
      options.keepsRunAt === true ? "preserve_run_at" : "replace",
      options.yields === true ? YIELDING_PRIORITY : 0,
    ],
  );
}

/**
 * The end of a statement that adds a job for each of its rows, so that neither waits for an answer to the other.
 * @param rows a common table expression of the statement
 * @param job `payload` (json) and `key` (text) are SQL over those rows: our own words, never a value
 */
export function addingJobs(
  rows: string,
  task: string,
  job: { readonly payload: string; readonly key: string } & Pick<JobOptions, "maxAttempts" | "yields">,
): string {
  const priority = job.yields === true ? YIELDING_PRIORITY : 0;
  return `SELECT 1 FROM ${rows}, graphile_worker.add_job('${task}', ${job.payload}, job_key => ${job.key},
    job_key_mode => 'replace', max_attempts => ${job.maxAttempts ?? "NULL"}, priority => ${priority})`;
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

/** A job that failed again and again. */
export interface FailingJob {
  readonly id: number;
  readonly task: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly maxAttempts: number;
  /** The code of the fault that it met last. */
  readonly error: string;
  /** ISO 8601; of the next attempt, unless they are used up. */
  readonly runAt: string;
}

/** Jobs that failed so often at least, those that failed most first. */
export async function failingJobs(
  sql: Sql,
  query: {
    readonly attempts: number;
    readonly limit: number;
    /** Which of them, as a condition on `j`. */
    readonly where?: ((bind: (value: unknown) => string) => string) | undefined;
  },
): Promise<readonly FailingJob[]> {
  const values: unknown[] = [query.attempts, query.limit];
  return await sql.query<FailingJob>(
    `SELECT j.id, t.identifier AS task, j.payload, j.attempts, j.max_attempts AS "maxAttempts", j.last_error AS error, j.run_at AS "runAt"
     FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
     WHERE j.last_error IS NOT NULL AND j.locked_at IS NULL AND j.key IS NOT NULL AND j.attempts >= $1
       AND ${query.where?.((value) => `$${values.push(value)}`) ?? "true"}
     ORDER BY j.attempts DESC, j.id LIMIT $2`,
    values,
  );
}

/** Has a job that fails tried at once, with all its attempts before it. Returns whether it was there. */
export async function retryJob(sql: Sql, id: number): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE graphile_worker._private_jobs SET attempts = 0, run_at = now()
     WHERE id = $1 AND locked_at IS NULL AND last_error IS NOT NULL AND key IS NOT NULL
     RETURNING pg_notify('jobs:insert', '{"count":1}')`,
    [id],
  );
  return rows.length > 0;
}

interface JobLog {
  readonly failed: (failure: { readonly task: string; readonly attempt: number; readonly error: unknown }) => void;
}

/** The last migration of the queue's library; a test holds it against what the library does. */
export const LAST_QUEUE_MIGRATION = 20;

/** Makes or updates the queue's tables. The library is loaded where they are not what it would make them: most starts go without it. */
export async function migrateJobs(connectionString: string): Promise<void> {
  try {
    await withLibraryPool(connectionString, async (pgPool) => {
      if ((await lastMigration(pgPool)) === LAST_QUEUE_MIGRATION) return;
      const { Logger, runMigrations } = await import("graphile-worker");
      await runMigrations({ pgPool, logger: new Logger(() => () => undefined) }); // what it says is for nobody; failures are thrown
    });
  } catch (error) {
    throw databaseFault(error); // the library has connections of its own, and their errors
  }
}

/** Starts to run jobs; stopping waits for those under way, for a bounded time. */
export async function startJobs(options: {
  readonly connectionString: string;
  readonly tasks: Readonly<Record<string, JobTask>>;
  readonly log: JobLog;
}): Promise<{ stop(): Promise<void> }> {
  const { log, tasks } = options;
  const holder = `${HOLDER_PREFIX}${Buffer.from(randomBytes(HOLDER_BYTES)).toString("hex")}`;
  const database = await openDatabase({
    url: options.connectionString,
    poolSize: JOB_POOL_CONNECTIONS,
    applicationName: holder,
  });
  const perform = async ({ task: name, payload, attempts, maxAttempts }: TakenJob) => {
    try {
      const task = tasks[name];
      assert(task, `the task ${name} is known`);
      await traced({ name: `job ${name}`, attributes: { "zhengtong.job": name } }, () =>
        task(payload as never, { number: attempts, last: attempts >= maxAttempts }),
      );
    } catch (error) {
      log.failed({ task: name, attempt: attempts, error });
      throw error;
    }
  };
  const onFault = (error: unknown) => log.failed({ task: RUNNER, attempt: 1, error });
  const runner = new JobRunner({ database, holder, tasks: Object.keys(tasks), perform, onFault });
  try {
    await runner.start();
  } catch (error) {
    await database.close();
    throw error;
  }
  return {
    async stop() {
      await runner.stop();
      await database.close();
    },
  };
}

/** What the log calls the runner itself, where a task would stand. */
const RUNNER = "runner";

/** How the runner's sessions are told from others. */
const HOLDER_PREFIX = "zhengtong-jobs-";
const HOLDER_BYTES = 9;

async function lastMigration(pool: Parameters<Parameters<typeof withLibraryPool>[1]>[0]): Promise<number | undefined> {
  const made = await pool.query("SELECT to_regclass('graphile_worker.migrations') IS NOT NULL AS made");
  if (made.rows[0]?.made !== true) return undefined;
  const last = await pool.query("SELECT max(id) AS id FROM graphile_worker.migrations");
  return last.rows[0]?.id ?? undefined;
}
