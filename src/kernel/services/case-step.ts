import type { Transaction } from "../database/sql.ts";
import { addJob } from "../jobs/jobs.ts";
import type { CaseChange } from "../procedures/changes.ts";
import type { Act } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService } from "./application.ts";
import { releaseHolds } from "./holds.ts";
import { issueNotice } from "./issue-notice.ts";
import { type Party, partiesOf } from "./parties.ts";

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
  step: {
    readonly change: CaseChange;
    readonly act: Act;
    readonly application: Application;
    /** Whom its notices reach beside the applicant, read before: `partiesToTell`. */
    readonly parties?: readonly Party[];
  },
): Promise<void> {
  const { change, act, application, parties = [] } = step;
  const { caseId } = change;
  // None of these waits for another: they travel together.
  await Promise.all([
    ...change.services.map(({ serviceId, slot }) =>
      addJob(
        transaction,
        RUN_SLOT,
        { caseId, serviceId, slot },
        { key: `slot/${caseId}/${serviceId}`, maxAttempts: MAX_SLOT_ATTEMPTS },
      ),
    ),
    ...change.timers.map(({ timerId, dueAt }) =>
      addJob(transaction, FIRE_TIMER, { caseId, timerId }, { key: `timer/${caseId}/${timerId}`, runAt: dueAt }),
    ),
    ...change.notices.flatMap(({ kind, element }) => {
      const notice = { act, application, kind, step: `${change.version}/${element}` };
      const { to } = noticeOf(kernel, application, kind) ?? {};
      if (to === undefined) return [issueNotice(kernel, transaction, notice)];
      const told = to === "parties" ? parties : parties.filter(({ noticed }) => !noticed);
      return told.map((party) => issueNotice(kernel, transaction, { ...notice, party }));
    }),
    ...(change.status === "running" ? [] : [closeCase(transaction, caseId, act.at)]),
  ]);
}

function noticeOf(kernel: Kernel, application: Application, kind: string) {
  return knownService(kernel, application).service.procedure.notices[kind];
}

/** The interested parties of a case, where a step sends them a notice; read before what it writes is sent. */
export async function partiesToTell(
  kernel: Kernel,
  transaction: Transaction,
  step: { readonly change: CaseChange; readonly application: Application },
): Promise<readonly Party[]> {
  const { change, application } = step;
  const tells = change.notices.some(({ kind }) => noticeOf(kernel, application, kind)?.to !== undefined);
  return tells ? await partiesOf(kernel, transaction, change.caseId) : [];
}

async function closeCase(transaction: Transaction, caseId: string, at: string): Promise<void> {
  await Promise.all([
    releaseHolds(transaction, caseId),
    transaction.query("INSERT INTO service.archive (case_id, closed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      caseId,
      at,
    ]),
    // It looks for itself whether a notice is still on its way; then the delivery of the last one adds it again.
    addJob(transaction, MAKE_ARCHIVE, { caseId }, { key: `archive/${caseId}`, yields: true }),
  ]);
}
