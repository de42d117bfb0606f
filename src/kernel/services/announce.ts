import { Buffer } from "node:buffer";
import { fieldMeta } from "../contract/field.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { assert, Fault } from "../errors/fault.ts";
import { addingJobs } from "../jobs/jobs.ts";
import type { Messages } from "../ports.ts";
import type { Kernel } from "../system/kernel.ts";
import { type AnnouncementSource, announcementWords } from "./announcement-words.ts";
import { type Application, knownService, readApplication } from "./application.ts";
import { caseEntry, nodeAct } from "./case-entry.ts";
import type { Party } from "./parties.ts";

/** The job that says one thing to one person outside the node. */
export const SEND_OUTGOING = "send-outgoing";
/** Between tries the wait grows; the last comes after some hours. */
const MAX_SEND_ATTEMPTS = 12;
const MAX_PROBLEM_CHARACTERS = 200;

/** How messages leave, and what they say of the node. */
export interface AnnouncementPorts extends AnnouncementSource {
  readonly messages: Messages;
}

interface OutgoingContent {
  readonly to: string;
}

/**
 * Writes, with the delivery of a notice, that its applicant is to be told: by SMS, where the item's form asks for a mobile
 * number, and by e-mail, where he asked for it. Once for each notice and channel.
 */
export async function announceNotice(
  kernel: Kernel,
  transaction: Transaction,
  notice: Announced & { readonly email: string | undefined },
): Promise<void> {
  const mobile = notice.party ? undefined : mobileOf(kernel, notice.application);
  await Promise.all([
    mobile !== undefined && announce(kernel, transaction, { ...notice, channel: "sms", to: mobile }),
    notice.email !== undefined && announce(kernel, transaction, { ...notice, channel: "email", to: notice.email }),
  ]);
}

interface Announced {
  readonly id: string;
  readonly kind: string;
  readonly application: Application;
  readonly at: string;
  /** To whom the notice went instead of the applicant, whose telephone is not his. */
  readonly party?: Pick<Party, "id">;
}

/** The column that names the notice, by channel: a notice has one message of each at most. */
const NOTICE_COLUMNS = { sms: "notice_id", email: "email_notice_id" } as const;

async function announce(
  kernel: Kernel,
  transaction: Transaction,
  notice: Announced & { readonly channel: "sms" | "email"; readonly to: string },
): Promise<void> {
  const id = kernel.newId();
  const content: OutgoingContent = { to: notice.to };
  const column = NOTICE_COLUMNS[notice.channel];
  await transaction.query(
    `WITH written AS (
       INSERT INTO service.outgoing (id, case_id, ${column}, kind, channel, content, created_at)
       VALUES ($1, $2, $3, $4, $7, $5, $6) ON CONFLICT (${column}) DO NOTHING RETURNING id)
     ${ADDING_OUTGOING}`,
    [
      id,
      notice.application.caseId,
      notice.id,
      notice.kind,
      kernel.vault.seal("outgoing", Buffer.from(JSON.stringify(content)), id),
      notice.at,
      notice.channel,
    ],
  );
}

const ADDING_OUTGOING = addingJobs("written", SEND_OUTGOING, {
  payload: "json_build_object('outgoingId', id)",
  key: "'outgoing/' || id",
  maxAttempts: MAX_SEND_ATTEMPTS,
  yields: true,
});

/** The first field of the item's form that asks for a mobile number, as it was filled in. */
function mobileOf(kernel: Kernel, application: Application): string | undefined {
  const { form } = knownService(kernel, application).service;
  const field = Object.entries(form.shape).find(([, schema]) => fieldMeta(schema as never)?.kind === "mobile");
  const value = field && application.form[field[0]];
  return typeof value === "string" && value !== "" ? value : undefined;
}

interface OutgoingRow {
  readonly case_id: string;
  readonly kind: string;
  readonly channel: "sms" | "email";
  readonly content: Buffer;
}

/**
 * Sends one message through the port. What the port refuses is tried again; at last it is recorded as undeliverable, which
 * changes nothing about the delivery of the notice itself.
 */
export async function sendOutgoing(
  kernel: Kernel,
  outgoing: { readonly id: string; readonly lastAttempt: boolean },
  ports: AnnouncementPorts,
): Promise<void> {
  const { id } = outgoing;
  const [row] = await kernel.database.query<OutgoingRow>(
    "SELECT case_id, kind, channel, content FROM service.outgoing WHERE id = $1 AND status = 'waiting'",
    [id],
  );
  if (!row) return;
  const application = await readApplication(kernel, kernel.database, row.case_id);
  assert(application, "a message has its application");
  const { to } = JSON.parse(
    Buffer.from(kernel.vault.open("outgoing", row.content, id)).toString("utf8"),
  ) as OutgoingContent;
  const words = await announcementWords(kernel, application, { kind: row.kind, source: ports });
  const answer = await attempt(ports.messages, { id, channel: row.channel, to, ...words });
  if (!answer.sent && !outgoing.lastAttempt) throw new Fault("ERR_ANNOUNCEMENT_REFUSED", { message: answer.reason });
  await kernel.database.transaction(async (transaction) => {
    const now = kernel.now();
    const status = answer.sent ? "sent" : "undeliverable";
    const finished = await transaction.execute(
      "UPDATE service.outgoing SET status = $2, problem = $3, finished_at = $4 WHERE id = $1 AND status = 'waiting'",
      [id, status, answer.sent ? null : answer.reason, now],
    );
    if (finished === 0) return;
    await kernel.ledger.append(transaction, [
      caseEntry(nodeAct(kernel, application, now), application, {
        type: "act",
        step: `announce.${row.channel}`,
        outcome: status,
      }),
    ]);
  });
}

/** What a gateway says may repeat the number: digits are left out of what is recorded and logged. */
async function attempt(
  messages: Messages,
  message: Parameters<Messages["send"]>[0],
): Promise<{ readonly sent: true } | { readonly sent: false; readonly reason: string }> {
  const said = await messages.send(message).catch((error: unknown) => ({
    sent: false,
    reason: error instanceof Fault ? error.code : error instanceof Error ? error.name : "unknown",
  }));
  if (said.sent) return { sent: true };
  const reason = (said.reason ?? "").replaceAll(message.to, "…").replace(/\d{5,}/g, "…");
  return { sent: false, reason: reason.slice(0, MAX_PROBLEM_CHARACTERS) };
}

/** A message to the outside as pages show it: that it was sent, not to which number. */
export interface OutgoingItem {
  readonly id: string;
  readonly noticeId: string;
  readonly kind: string;
  readonly channel: "sms" | "email";
  readonly status: "waiting" | "sent" | "undeliverable";
  readonly problem: string | undefined;
  readonly createdAt: string;
  readonly finishedAt: string | undefined;
}

/** What was said outside about a case, oldest first. */
export async function outgoingOf(sql: Sql, caseId: string): Promise<readonly OutgoingItem[]> {
  const rows = await sql.query<{
    id: string;
    notice_id: string;
    kind: string;
    channel: OutgoingItem["channel"];
    status: OutgoingItem["status"];
    problem: string | null;
    created_at: string;
    finished_at: string | null;
  }>(
    `SELECT id, coalesce(notice_id, email_notice_id) AS notice_id, kind, channel, status, problem, created_at, finished_at FROM service.outgoing
     WHERE case_id = $1 ORDER BY created_at, id`,
    [caseId],
  );
  return rows.map((row) => ({
    id: row.id,
    noticeId: row.notice_id,
    kind: row.kind,
    channel: row.channel,
    status: row.status,
    problem: row.problem ?? undefined,
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
  }));
}
