import type { Database } from "../database/sql.ts";

/** Statements of the runner on graphile-worker's tables. Its functions add jobs; taking and ending them is ours (see README.md). */

export interface TakenJob {
  readonly id: number;
  readonly task: string;
  readonly payload: unknown;
  /** This one included. */
  readonly attempts: number;
  readonly maxAttempts: number;
}

/** How often an attempt that failed is followed by another: e seconds, e² …, at most e¹⁰ (six hours). */
const MAX_DELAY_EXPONENT = 10;

/** The numbers under which the queue knows these tasks. */
export async function taskNames(database: Database, names: readonly string[]): Promise<ReadonlyMap<number, string>> {
  await database.query(
    `INSERT INTO graphile_worker._private_tasks (identifier)
     SELECT name FROM unnest($1::text[]) AS name
     WHERE NOT EXISTS (SELECT FROM graphile_worker._private_tasks t WHERE t.identifier = name)
     ON CONFLICT DO NOTHING`,
    [names],
  );
  const rows = await database.query<{ id: number; identifier: string }>(
    "SELECT id, identifier FROM graphile_worker._private_tasks WHERE identifier = ANY($1::text[])",
    [names],
  );
  return new Map(rows.map(({ id, identifier }) => [id, identifier]));
}

/** What an exchange gave: jobs to be done, and which of the ended ones another transaction holds just now. */
export interface Exchanged {
  readonly taken: readonly TakenJob[];
  readonly left: ReadonlySet<number>;
}

interface ExchangedRow {
  readonly id: number;
  readonly task_id: number | null;
  readonly payload: unknown;
  readonly attempts: number;
  readonly max_attempts: number;
}

/**
 * Removes the jobs that have ended well, and takes some that are due: one transaction. Repeated, the removal does nothing. It
 * waits for nobody: whoever adds a job anew holds the one that runs until its commit.
 */
export async function exchangeJobs(
  database: Database,
  exchange: {
    readonly holder: string;
    readonly ended: readonly number[];
    readonly tasks: ReadonlyMap<number, string>;
    readonly limit: number;
  },
): Promise<Exchanged> {
  const rows = await database.query<ExchangedRow>(
    `WITH free AS (
         SELECT id FROM graphile_worker._private_jobs WHERE id = ANY($1::bigint[]) AND locked_by = $2 FOR UPDATE SKIP LOCKED),
       ended AS (DELETE FROM graphile_worker._private_jobs j USING free WHERE j.id = free.id RETURNING j.id),
       due AS (
         SELECT j.id FROM graphile_worker._private_jobs j
         WHERE j.is_available AND j.run_at <= now() AND j.task_id = ANY($3::int[])
         ORDER BY j.priority, j.run_at LIMIT $4 FOR UPDATE SKIP LOCKED),
       taken AS (
         UPDATE graphile_worker._private_jobs j SET attempts = j.attempts + 1, locked_by = $2, locked_at = now()
         FROM due WHERE j.id = due.id
         RETURNING j.id, j.task_id, j.payload, j.attempts, j.max_attempts)
     SELECT * FROM taken UNION ALL
     SELECT id, NULL, NULL, 0, 0 FROM graphile_worker._private_jobs
     WHERE id = ANY($1::bigint[]) AND locked_by = $2 AND id NOT IN (SELECT id FROM ended)`,
    [exchange.ended, exchange.holder, [...exchange.tasks.keys()], exchange.limit],
  );
  return {
    taken: rows.flatMap(({ id, task_id, payload, attempts, max_attempts: maxAttempts }) => {
      const task = task_id === null ? undefined : exchange.tasks.get(task_id);
      return task === undefined ? [] : [{ id, task, payload, attempts, maxAttempts }];
    }),
    left: new Set(rows.filter(({ task_id }) => task_id === null).map(({ id }) => id)),
  };
}

/** Gives back a job that failed: tried again later and later, until its attempts are used up. */
export async function failJob(
  database: Database,
  failure: { readonly holder: string; readonly id: number; readonly error: string },
): Promise<void> {
  await database.query(
    `UPDATE graphile_worker._private_jobs
     SET last_error = $3, locked_by = NULL, locked_at = NULL,
       run_at = greatest(now(), run_at) + exp(least(attempts, ${MAX_DELAY_EXPONENT})) * interval '1 second'
     WHERE id = $1 AND locked_by = $2`,
    [failure.id, failure.holder, failure.error],
  );
}

/**
 * Gives back what this holder took and does not know of: the answer to the taking was lost with its connection. Such an attempt
 * did not begin, so it does not count; that of a job which was added anew meanwhile stays used up.
 */
export async function releaseOwn(
  database: Database,
  held: { readonly holder: string; readonly ids: readonly number[] },
): Promise<void> {
  await database.query(
    `UPDATE graphile_worker._private_jobs
     SET locked_by = NULL, locked_at = NULL, attempts = CASE WHEN key IS NULL THEN attempts ELSE greatest(0, attempts - 1) END
     WHERE locked_by = $1 AND id <> ALL($2::bigint[])`,
    [held.holder, held.ids],
  );
}

/**
 * Gives back the jobs of processes that are gone, or of the node of which this database is a copy: nobody else would before hours.
 * A holder names its sessions after itself, and keeps one open as long as it lives.
 * @param graceMs a living holder may be without a session for so long: its server was started again
 */
export async function releaseLost(database: Database, holder: string, graceMs: number): Promise<void> {
  await database.query(
    `UPDATE graphile_worker._private_jobs j SET locked_by = NULL, locked_at = NULL
     WHERE j.locked_at <= clock_timestamp() - make_interval(secs => $2) AND j.locked_by <> $1
       AND NOT EXISTS (SELECT FROM pg_stat_activity a
         WHERE a.datname = current_database() AND a.application_name = j.locked_by)`,
    [holder, graceMs / 1_000],
  );
}

/** A job that was added anew while it ran lost its key to the new one: once it has ended, nobody wants it. */
export async function removeReplaced(database: Database): Promise<void> {
  await database.query(
    "DELETE FROM graphile_worker._private_jobs WHERE key IS NULL AND attempts >= max_attempts AND locked_at IS NULL",
  );
}
