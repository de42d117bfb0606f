import type { Transaction } from "../database/sql.ts";
import { addJob, failingJobs, retryJob } from "../jobs/jobs.ts";
import type { Act } from "../system/act.ts";
import { actorOf } from "../system/idempotency.ts";
import type { Kernel } from "../system/kernel.ts";
import { DELIVER_MESSAGE, MAX_MESSAGE_ATTEMPTS } from "../system/messages.ts";
import { MAKE_ARCHIVE } from "./case-step.ts";
import { DELIVER_NOTICE } from "./issue-notice.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";

/** A document that stopped because no font at hand has one of its characters. */
export interface StoppedNotice {
  readonly id: string;
  readonly caseNumber: string;
  readonly room: string;
  readonly service: string;
  readonly kind: string;
  readonly issuedAt: string;
  readonly missingCharacters: readonly string[];
}

/** A command to another room that failed too often. */
export interface DeadMessage {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly operation: string;
  readonly caseNumber: string | undefined;
  readonly createdAt: string;
}

/** A package of a closed case that is not made: it would be too large. */
export interface StoppedArchive {
  /** Of the case. */
  readonly id: string;
  readonly caseNumber: string;
  /** `536870913 bytes` */
  readonly problem: string;
}

/** Background work that fails again and again: a step of a procedure, a timer, a message to a person. */
export interface StuckJob {
  readonly id: string;
  readonly task: string;
  /** The step, where the job does one of a procedure. */
  readonly slot: string | undefined;
  readonly caseNumber: string | undefined;
  readonly attempts: number;
  /** The code under which the log tells more. */
  readonly error: string;
  /** ISO 8601; undefined when no attempt is left. */
  readonly nextAt: string | undefined;
}

export interface Stopped {
  readonly notices: readonly StoppedNotice[];
  readonly messages: readonly DeadMessage[];
  readonly archives: readonly StoppedArchive[];
  readonly jobs: readonly StuckJob[];
}

/** After so many attempts, half a minute after the first, a job is shown to operators. */
export const STUCK_AFTER_ATTEMPTS = 3;

/** What an operator can have tried again; an id is a uuid, of a job a number, of an archive that of its case. */
export type StoppedKind = "notice" | "message" | "archive" | "job";

/** Rows of each kind that one page shows; those that wait longest come first. */
export const MAX_STOPPED = 100;

/**
 * What waits for an operator. It shows numbers of cases, and no one's data.
 * @param duty of those who run the node, as the room that keeps posts calls it
 */
export async function stoppedWork(kernel: Kernel, act: Act, duty: string): Promise<Stopped | ServiceRefusal> {
  if (!runsTheNode(act, duty)) return serviceRefusal("services", "case-unknown");
  const notices = await kernel.database.query<{
    id: string;
    number: string;
    room: string;
    service: string;
    kind: string;
    issued_at: string;
    problem: { readonly missingCharacters?: readonly string[] } | null;
  }>(
    `SELECT n.id, a.number, a.room, a.service, n.kind, n.issued_at, n.problem
     FROM service.notice n JOIN service.application a ON a.case_id = n.case_id
     WHERE n.status = 'stopped' ORDER BY n.issued_at LIMIT $1`,
    [MAX_STOPPED],
  );
  const messages = await kernel.database.query<{
    id: string;
    from_room: string;
    to_room: string;
    operation: string;
    number: string | null;
    created_at: string;
  }>(
    `SELECT m.id, m.from_room, m.to_room, m.operation, a.number, m.created_at
     FROM act.message m LEFT JOIN service.application a ON a.case_id = m.case_id
     WHERE m.status = 'dead' ORDER BY m.created_at LIMIT $1`,
    [MAX_STOPPED],
  );
  const archives = await kernel.database.query<StoppedArchive>(
    `SELECT r.case_id AS id, a.number AS "caseNumber", coalesce(r.problem, '') AS problem
     FROM service.archive r JOIN service.application a ON a.case_id = r.case_id
     WHERE r.status = 'stopped' ORDER BY a.number LIMIT $1`,
    [MAX_STOPPED],
  );
  return {
    archives,
    jobs: await stuckJobs(kernel, new Set(messages.map(({ id }) => id))),
    notices: notices.map((row) => ({
      id: row.id,
      caseNumber: row.number,
      room: row.room,
      service: row.service,
      kind: row.kind,
      issuedAt: row.issued_at,
      missingCharacters: row.problem?.missingCharacters ?? [],
    })),
    messages: messages.map((row) => ({
      id: row.id,
      from: row.from_room,
      to: row.to_room,
      operation: row.operation,
      caseNumber: row.number ?? undefined,
      createdAt: row.created_at,
    })),
  };
}

/** @param dead messages that are shown as such */
async function stuckJobs(kernel: Kernel, dead: ReadonlySet<string>): Promise<readonly StuckJob[]> {
  const found = await failingJobs(kernel.database, { attempts: STUCK_AFTER_ATTEMPTS, limit: MAX_STOPPED });
  const jobs = found.filter(({ payload }) => !dead.has(String(payload["messageId"])));
  const numbers = await kernel.database.query<{ about: string; number: string }>(
    `SELECT w.about, a.number FROM service.application a JOIN (
       SELECT case_id::text AS about, case_id FROM service.application WHERE case_id::text = ANY($1::text[])
       UNION ALL SELECT id::text, case_id FROM service.notice WHERE id::text = ANY($1::text[])
       UNION ALL SELECT id::text, case_id FROM act.message WHERE id::text = ANY($1::text[])) w ON w.case_id = a.case_id`,
    [jobs.map(({ payload }) => aboutOf(payload))],
  );
  const numberOf = new Map(numbers.map(({ about, number }) => [about, number]));
  return jobs.map(({ id, task, payload, attempts, maxAttempts, error, runAt }) => ({
    id: String(id),
    task,
    slot: typeof payload["slot"] === "string" ? payload["slot"] : undefined,
    caseNumber: numberOf.get(aboutOf(payload)),
    attempts,
    error,
    nextAt: attempts < maxAttempts ? runAt : undefined,
  }));
}

/** The id that a job's payload names: of a case, a notice or a message. */
function aboutOf(payload: Readonly<Record<string, unknown>>): string {
  return String(payload["caseId"] ?? payload["noticeId"] ?? payload["messageId"] ?? "");
}

/** Tries one of them again, after what stopped it was mended. Nothing happens where it is not stopped any more. */
export async function retryStopped(
  kernel: Kernel,
  act: Act,
  what: { readonly kind: StoppedKind; readonly id: string; readonly duty: string },
): Promise<{ readonly retried: boolean } | ServiceRefusal> {
  if (!runsTheNode(act, what.duty)) return serviceRefusal("services", "case-unknown");
  return kernel.database.transaction(async (transaction) => {
    const retried = await RETRIES[what.kind](transaction, what.id);
    await kernel.ledger.append(transaction, [
      {
        type: "administration",
        at: act.at,
        actId: act.id,
        room: "node",
        operation: `retry-${what.kind}`,
        actor: actorOf(act),
        purpose: act.purpose ?? "administration",
        legalBasis: [],
        subjects: [],
        outcome: retried ? "done" : "nothing-to-do",
        detail: { id: what.id },
      },
    ]);
    return { retried };
  });
}

const RETRIES: Readonly<Record<StoppedKind, (transaction: Transaction, id: string) => Promise<boolean>>> = {
  notice: retryNotice,
  message: retryMessage,
  archive: retryArchive,
  job: (transaction, id) => retryJob(transaction, Number(id)),
};

async function retryArchive(transaction: Transaction, caseId: string): Promise<boolean> {
  const rows = await transaction.execute(
    "UPDATE service.archive SET status = 'waiting', problem = NULL WHERE case_id = $1 AND status = 'stopped'",
    [caseId],
  );
  if (rows > 0) await addJob(transaction, MAKE_ARCHIVE, { caseId }, { key: `archive/${caseId}`, yields: true });
  return rows > 0;
}

async function retryNotice(transaction: Transaction, id: string): Promise<boolean> {
  const rows = await transaction.execute(
    "UPDATE service.notice SET status = 'waiting', problem = NULL WHERE id = $1 AND status = 'stopped'",
    [id],
  );
  if (rows > 0) await addJob(transaction, DELIVER_NOTICE, { noticeId: id }, { key: `notice/${id}` });
  return rows > 0;
}

async function retryMessage(transaction: Transaction, id: string): Promise<boolean> {
  const rows = await transaction.execute(
    "UPDATE act.message SET status = 'waiting' WHERE id = $1 AND status = 'dead'",
    [id],
  );
  const options = { key: id, maxAttempts: MAX_MESSAGE_ATTEMPTS };
  if (rows > 0) await addJob(transaction, DELIVER_MESSAGE, { messageId: id }, options);
  return rows > 0;
}

function runsTheNode({ principal }: Act, duty: string): boolean {
  return principal.kind === "official" && principal.post.duties.includes(duty);
}
