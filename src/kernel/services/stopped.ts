import type { Bind } from "#lib/cedar/row-sql";
import { operatorDuties } from "../access/action.ts";
import type { Transaction } from "../database/sql.ts";
import { addJob, failingJobs, retryJob } from "../jobs/jobs.ts";
import type { Act } from "../system/act.ts";
import { actorOf } from "../system/idempotency.ts";
import type { Kernel } from "../system/kernel.ts";
import { DELIVER_MESSAGE, MAX_MESSAGE_ATTEMPTS } from "../system/messages.ts";
import { MAKE_ARCHIVE } from "./case-step.ts";
import { DELIVER_NOTICE } from "./issue-notice.ts";
import { type ServiceRefusal, serviceRefusal } from "./service-refusals.ts";
import { shownCases, stoppedOfItems } from "./shown-cases.ts";

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

/** What waits for an operator. It shows numbers of cases, and no one's data; nothing of cases that policies keep from him. */
export async function stoppedWork(kernel: Kernel, act: Act): Promise<Stopped | ServiceRefusal> {
  if (!runsTheNode(kernel, act)) return serviceRefusal("services", "case-unknown");
  const of = shownStopped(kernel, act);
  const [ofNotices, ofMessages, ofArchives] = [bound(), bound(), bound()];
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
     WHERE n.status = 'stopped' AND ${of("n.case_id", ofNotices.bind)} ORDER BY n.issued_at LIMIT $1`,
    ofNotices.values,
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
     WHERE m.status = 'dead' AND ${of("m.case_id", ofMessages.bind)} ORDER BY m.created_at LIMIT $1`,
    ofMessages.values,
  );
  const archives = await kernel.database.query<StoppedArchive>(
    `SELECT r.case_id AS id, a.number AS "caseNumber", coalesce(r.problem, '') AS problem
     FROM service.archive r JOIN service.application a ON a.case_id = r.case_id
     WHERE r.status = 'stopped' AND ${of("r.case_id", ofArchives.bind)} ORDER BY a.number LIMIT $1`,
    ofArchives.values,
  );
  return {
    archives,
    jobs: await stuckJobs(kernel, of, new Set(messages.map(({ id }) => id))),
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

/** Values of one statement, that it begins with how many rows it gives. */
function bound(): { readonly values: readonly unknown[]; readonly bind: Bind } {
  const values: unknown[] = [MAX_STOPPED];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/** Whether what belongs to a case, if to any, may be shown: as a condition on the expression that has the case's id. */
type OfCase = (caseId: string, bind: Bind) => string;

function shownStopped(kernel: Kernel, act: Act): OfCase {
  const rooms = [...kernel.systems.keys()];
  const shown = shownCases(kernel, act, stoppedOfItems(kernel, rooms), { joined: true });
  if (!shown.none && shown.where === undefined) return () => "true";
  return (caseId, bind) =>
    shown.none
      ? `${caseId} IS NULL`
      : `(${caseId} IS NULL OR EXISTS (SELECT FROM service.application a JOIN procedure."case" c ON c.id = a.case_id
           WHERE a.case_id = ${caseId} AND ${shown.where?.(bind)}))`;
}

/** The case for which a job `j` works. */
const CASE_OF_JOB = `coalesce((j.payload ->> 'caseId')::uuid,
  (SELECT n.case_id FROM service.notice n WHERE n.id = (j.payload ->> 'noticeId')::uuid),
  (SELECT m.case_id FROM act.message m WHERE m.id = (j.payload ->> 'messageId')::uuid))`;

/** @param dead messages that are shown as such */
async function stuckJobs(kernel: Kernel, of: OfCase, dead: ReadonlySet<string>): Promise<readonly StuckJob[]> {
  const found = await failingJobs(kernel.database, {
    ...{ attempts: STUCK_AFTER_ATTEMPTS, limit: MAX_STOPPED },
    where: (bind) => of(CASE_OF_JOB, bind),
  });
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
  what: { readonly kind: StoppedKind; readonly id: string },
): Promise<{ readonly retried: boolean } | ServiceRefusal> {
  if (!runsTheNode(kernel, act)) return serviceRefusal("services", "case-unknown");
  const of = shownStopped(kernel, act);
  return kernel.database.transaction(async (transaction) => {
    const values: unknown[] = [what.id];
    const isShown = of(CASES[what.kind], (value) => `$${values.push(value)}`);
    // Written so that the id is always asked for: a value that a statement does not use has no type.
    const [row] = await transaction.query<{ readonly shown: boolean }>(
      `SELECT $1::text IS NOT NULL AND ${isShown} AS shown`,
      values,
    );
    if (!row?.shown) return serviceRefusal("services", "case-unknown");
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

/** Whose case it is, by what is to be tried again. */
const CASES: Readonly<Record<StoppedKind, string>> = {
  notice: "(SELECT n.case_id FROM service.notice n WHERE n.id = $1::text::uuid)",
  message: "(SELECT m.case_id FROM act.message m WHERE m.id = $1::text::uuid)",
  archive: "$1::text::uuid",
  job: `(SELECT ${CASE_OF_JOB} FROM graphile_worker._private_jobs j WHERE j.id = $1::text::bigint)`,
};

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

function runsTheNode(kernel: Kernel, { principal }: Act): boolean {
  if (principal.kind !== "official") return false;
  const operators = operatorDuties([...kernel.systems.values()].map(({ contract }) => contract));
  return operators.some((duty) => principal.post.duties.includes(duty));
}
