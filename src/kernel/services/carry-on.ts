import { addJob } from "../jobs/jobs.ts";
import type { Kernel } from "../system/kernel.ts";
import { DELIVER_MESSAGE } from "../system/messages.ts";
import { SEND_OUTGOING } from "./announce.ts";
import { FIRE_TIMER, MAKE_ARCHIVE, RUN_SLOT } from "./case-step.ts";
import { DELIVER_NOTICE } from "./issue-notice.ts";

/** A job that one process took and did not finish for so long is taken for lost; each of them bears repetition. */
const JOB_LOST_AFTER_MS = 10 * 60_000;
/** Jobs that are added again in one go; the next go has the rest. */
const MAX_ADDED_JOBS = 500;

/** What waits for a job, in the names under which those jobs were added. */
const WAITING = `
  SELECT '${DELIVER_MESSAGE}' AS task, id::text AS key, jsonb_build_object('messageId', id) AS payload
    FROM act.message WHERE status = 'waiting'
  UNION ALL
  SELECT '${DELIVER_NOTICE}', 'notice/' || id, jsonb_build_object('noticeId', id)
    FROM service.notice WHERE status = 'waiting'
  UNION ALL
  SELECT '${RUN_SLOT}', 'slot/' || case_id || '/' || id,
      jsonb_build_object('caseId', case_id, 'serviceId', id, 'slot', slot)
    FROM procedure.service_request
  UNION ALL
  SELECT '${SEND_OUTGOING}', 'outgoing/' || id, jsonb_build_object('outgoingId', id)
    FROM service.outgoing WHERE status = 'waiting'
  UNION ALL
  SELECT '${MAKE_ARCHIVE}', 'archive/' || case_id, jsonb_build_object('caseId', case_id)
    FROM service.archive a WHERE status = 'waiting'
      AND NOT EXISTS (SELECT FROM service.notice n WHERE n.case_id = a.case_id AND n.status <> 'delivered')`;

interface WaitingJob {
  readonly task: string;
  readonly key: string;
  readonly payload: object;
}

/**
 * Adds again the jobs of whatever waits for one and has none: after a crash between two processes, after a restore, after a job
 * used up its attempts. Returns how many.
 */
export async function carryOn(kernel: Kernel): Promise<number> {
  const at = kernel.now();
  const timers = await kernel.procedures.dueTimers(kernel.database, { at, limit: MAX_ADDED_JOBS });
  const due = timers.map(
    ({ caseId, timerId }): WaitingJob => ({
      task: FIRE_TIMER,
      key: `timer/${caseId}/${timerId}`,
      payload: { caseId, timerId },
    }),
  );
  const lost = await kernel.database.query<WaitingJob>(
    `SELECT w.task, w.key, w.payload
     FROM (${WAITING} UNION ALL SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (task text, key text, payload jsonb)) w
     WHERE NOT EXISTS (SELECT FROM graphile_worker.jobs j
       WHERE j.key = w.key AND j.attempts < j.max_attempts
         AND (j.locked_at IS NULL OR j.locked_at > $2::timestamptz))
     LIMIT $3`,
    [
      JSON.stringify(due),
      Temporal.Now.instant().subtract({ milliseconds: JOB_LOST_AFTER_MS }).toString(),
      MAX_ADDED_JOBS,
    ],
  );
  for (const { task, payload, key } of lost) {
    await addJob(kernel.database, task, payload, { key, yields: task === MAKE_ARCHIVE });
  }
  return lost.length;
}
