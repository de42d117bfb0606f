import { isRefusal } from "../contract/refusal.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { addJob, type JobTask } from "../jobs/jobs.ts";
import type { Addresses, Documents, Posts, Signer } from "../ports.ts";
import type { CaseChange } from "../procedures/changes.ts";
import type { Kernel } from "../system/kernel.ts";
import { buryMessage, DELIVER_MESSAGE, deliverMessage, type Reply } from "../system/messages.ts";
import { perform } from "../system/perform.ts";
import { type AnnouncementPorts, SEND_OUTGOING, sendOutgoing } from "./announce.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { archiveAfterNotice, makeArchive } from "./archive.ts";
import { caseEntry, nodeAct } from "./case-entry.ts";
import { afterStep, FIRE_TIMER, MAKE_ARCHIVE, partiesToTell, RUN_SLOT } from "./case-step.ts";
import { DELIVER_NOTICE } from "./issue-notice.ts";
import { deliverNotice } from "./notices.ts";
import { shared } from "./records.ts";
import { heldBack } from "./undelivered-notice.ts";

/** The jobs that carry cases on, by name. */
export function caseJobs(
  kernel: Kernel,
  ports: {
    readonly documents: Documents;
    readonly signer: Signer;
    readonly posts: Posts;
    readonly addresses: Addresses;
  } & AnnouncementPorts,
): Readonly<Record<string, JobTask>> {
  return {
    [RUN_SLOT]: (payload: SlotJob, attempt) => runSlot(kernel, payload, attempt.last),
    [FIRE_TIMER]: (payload: TimerJob) => fireTimer(kernel, payload),
    [DELIVER_NOTICE]: async (payload: { noticeId: string }) => {
      await deliverNotice(kernel, payload.noticeId, ports);
      await archiveAfterNotice(kernel.database, payload.noticeId);
    },
    [SEND_OUTGOING]: ({ outgoingId }: { outgoingId: string }, attempt) =>
      sendOutgoing(kernel, { id: outgoingId, lastAttempt: attempt.last }, ports),
    [MAKE_ARCHIVE]: (payload: { caseId: string }) => makeArchive(kernel, payload.caseId, ports),
    [DELIVER_MESSAGE]: async (payload: { messageId: string }, attempt) => {
      try {
        await deliverMessage(kernel, payload.messageId, (reply) => tellCase(kernel, reply));
      } catch (error) {
        if (attempt.last) await buryMessage(kernel, payload.messageId);
        throw error;
      }
    },
  };
}

interface SlotJob {
  readonly caseId: string;
  readonly serviceId: number;
  readonly slot: string;
}
interface TimerJob {
  readonly caseId: string;
  readonly timerId: number;
  /** It was due before, and had to wait for a notice. */
  readonly held?: boolean;
}

/** Has the item's room do the work of a service task, once, and moves the case on with what it gave. */
async function runSlot(kernel: Kernel, job: SlotJob, last: boolean): Promise<void> {
  const [application, requested] = await kernel.database.together((sql) =>
    Promise.all([readApplication(kernel, sql, job.caseId), isRequested(sql, job)]),
  );
  assert(application, "a slot belongs to an application");
  if (!requested) return;
  const { system, service } = knownService(kernel, application);
  const operation = system.services[application.service]?.slots[job.slot];
  assert(operation, `the slot ${job.slot} is bound`);
  const act = {
    ...nodeAct(kernel, application, kernel.now()),
    idempotencyKey: `slot/${job.caseId}/${job.serviceId}`,
  };
  const outcome = await perform(kernel, act, {
    room: application.room,
    operation: String(operation),
    input: { caseId: job.caseId },
  });
  if (isRefusal(outcome) && outcome.code === "unavailable" && !last) {
    throw new Fault("ERR_SLOT_UNAVAILABLE", { message: `${application.room}.${String(operation)}` });
  }
  await step(kernel, application, (transaction) => {
    const about = { caseId: job.caseId, serviceId: job.serviceId, at: act.at };
    return isRefusal(outcome)
      ? kernel.procedures.finishService(transaction, { ...about, errorCode: outcome.code })
      : kernel.procedures.finishService(transaction, {
          ...about,
          variables: shared(service.procedure, outcome as Record<string, unknown>),
        });
  });
}

/** Whether the case still asks for this: what a withdrawn or finished case asked for is not done any more. */
async function isRequested(sql: Sql, job: SlotJob): Promise<boolean> {
  const rows = await sql.query("SELECT 1 FROM procedure.service_request WHERE case_id = $1 AND id = $2", [
    job.caseId,
    job.serviceId,
  ]);
  return rows.length > 0;
}

async function fireTimer(kernel: Kernel, job: TimerJob): Promise<void> {
  const application = await readApplication(kernel, kernel.database, job.caseId);
  assert(application, "a timer belongs to an application");
  const runAt = await heldBack(kernel, { ...job, held: job.held === true });
  if (runAt !== undefined) {
    const key = `timer/${job.caseId}/${job.timerId}`;
    await addJob(kernel.database, FIRE_TIMER, { ...job, held: true }, { key, runAt });
    return;
  }
  await step(kernel, application, (transaction) =>
    kernel.procedures.fireTimer(transaction, { caseId: job.caseId, timerId: job.timerId, at: kernel.now() }),
  );
}

/** The result of a command to another room reaches the case that waits for it, as the message `room.operation`. */
async function tellCase(kernel: Kernel, reply: Reply): Promise<void> {
  if (reply.caseId === undefined) return;
  const application = await readApplication(kernel, kernel.database, reply.caseId);
  if (!application || application.room !== reply.from) return;
  const { caseId } = reply;
  const refused = isRefusal(reply.outcome) ? reply.outcome.code : "";
  const message = `${reply.to}.${reply.operation}`;
  const answer = await step(kernel, application, (transaction) =>
    kernel.procedures.deliver(transaction, {
      caseId,
      message,
      variables: { replyRefused: refused },
      by: reply.to,
      at: kernel.now(),
    }),
  );
  if (!answer.ok && (await isEarly(kernel, caseId, message))) {
    throw new Fault("ERR_REPLY_EARLY", { message });
  }
}

/**
 * Whether a case is about to wait for a reply, or has begun to since it was told: the slot that asked has done its work, and the
 * case had not heard of it yet. A reply that were dropped then would be waited for without end. What is asked for is read
 * first: a slot that ends between the two reads has the case wait by the second.
 */
async function isEarly(kernel: Kernel, caseId: string, message: string): Promise<boolean> {
  const asked = await kernel.database.query("SELECT 1 FROM procedure.service_request WHERE case_id = $1", [caseId]);
  const view = await kernel.procedures.view(kernel.database, caseId);
  if (view?.status !== "running") return false;
  if (view.awaited.some((one) => one.message === message)) return true;
  if (asked.length === 0) return false;
  const { elements } = await kernel.procedures.byDigest(kernel.database, view.digest);
  return [...elements.values()].some((element) => element.message === message);
}

type StepAnswer = { readonly ok: true; readonly change: CaseChange } | { readonly ok: false; readonly refusal: string };

/** One step that the node itself takes. Where the case no longer waits for it, nothing happens. */
async function step(
  kernel: Kernel,
  application: Application,
  advance: (transaction: Transaction) => Promise<StepAnswer>,
): Promise<StepAnswer> {
  return kernel.database.transaction(
    async (transaction) => {
      const answer = await advance(transaction);
      if (!answer.ok) return answer;
      const act = nodeAct(kernel, application, kernel.now());
      const entry = caseEntry(act, application, { type: "act", step: "procedure", outcome: answer.change.status });
      const parties = await partiesToTell(kernel, transaction, { change: answer.change, application });
      transaction.unanswered(
        afterStep(kernel, transaction, { change: answer.change, act, application, parties }),
        kernel.ledger.append(transaction, [entry]),
      );
      return answer;
    },
    { retries: 0 },
  );
}
