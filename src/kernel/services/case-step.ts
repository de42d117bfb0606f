import type { Transaction } from "../database/sql.ts";
import { addJob } from "../jobs/jobs.ts";
import type { CaseChange } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import type { Application } from "./application.ts";
import { releaseHolds } from "./holds.ts";
import { issueNotice } from "./issue-notice.ts";

/** The names of the jobs that carry a case on. */
export const RUN_SLOT = "run-slot";
export const FIRE_TIMER = "fire-timer";
export const MAKE_ARCHIVE = "make-archive";

const MAX_SLOT_ATTEMPTS = 25;

/**
 * Turns what a step of the engine did into rows of the same transaction: work for slots, timers, notices. Nothing of it
 * happens unless the step commits.
 */
export async function afterStep(
  kernel: Kernel,
  transaction: Transaction,
  step: { readonly change: CaseChange; readonly act: Act; readonly application: Application },
): Promise<void> {
  const { change, act, application } = step;
  for (const request of change.services) {
    await addJob(
      transaction,
      RUN_SLOT,
      { caseId: change.caseId, serviceId: request.serviceId, slot: request.slot },
      { key: `slot/${change.caseId}/${request.serviceId}`, maxAttempts: MAX_SLOT_ATTEMPTS },
    );
  }
  for (const timer of change.timers) {
    await addJob(
      transaction,
      FIRE_TIMER,
      { caseId: change.caseId, timerId: timer.timerId },
      { key: `timer/${change.caseId}/${timer.timerId}`, runAt: timer.dueAt },
    );
  }
  for (const notice of change.notices) {
    await issueNotice(kernel, transaction, {
      act,
      application,
      kind: notice.kind,
      step: `${change.version}/${notice.element}`,
    });
  }
  if (change.status !== "running") {
    await releaseHolds(transaction, change.caseId);
    await transaction.query("INSERT INTO service.archive (case_id, closed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      change.caseId,
      act.at,
    ]);
    // It looks for itself whether a notice is still on its way; then the delivery of the last one adds it again.
    await addJob(
      transaction,
      MAKE_ARCHIVE,
      { caseId: change.caseId },
      { key: `archive/${change.caseId}`, yields: true },
    );
  }
}
