import { Buffer } from "node:buffer";
import { sha256Hex } from "#lib/crypto/digest";
import { timeOfUuidV7, uuidV7Bound } from "#lib/crypto/uuid";
import { isRefusal } from "../contract/refusal.ts";
import type { Sql, Transaction } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { addingJobs } from "../jobs/jobs.ts";
import type { Act } from "./act.ts";
import type { Sent } from "./context.ts";
import { isElsewhere } from "./elsewhere.ts";
import { actorName } from "./idempotency.ts";
import type { Kernel } from "./kernel.ts";
import { continuing, traceparent } from "./trace.ts";

/** How often a message is tried before it waits for an operator; between tries the wait grows to hours. */
export const MAX_MESSAGE_ATTEMPTS = 25;

/** The name of the job that delivers one message. */
export const DELIVER_MESSAGE = "deliver-message";

const DELIVERY = {
  payload: "json_build_object('messageId', id)",
  key: "id::text",
  maxAttempts: MAX_MESSAGE_ATTEMPTS,
};

interface Outgoing {
  readonly act: Act;
  readonly from: string;
  readonly to: string;
  readonly operation: string;
  readonly input: unknown;
  readonly ordinal: number;
}

/** Writes a command to another room with the act that sends it. It is executed after the commit, once. */
export async function sendMessage(kernel: Kernel, transaction: Transaction, outgoing: Outgoing): Promise<Sent> {
  const { act } = outgoing;
  const messageId = kernel.newId();
  // Derived from what causes it: a repetition of the same step gives the same key (design, section 3, doors).
  const key = `${causeOf(act)}/${outgoing.from}/${outgoing.to}.${outgoing.operation}/${outgoing.ordinal}`;
  await transaction.query(
    `WITH sent AS (
       INSERT INTO act.message (id, key, from_room, to_room, operation, case_id, input, context, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id)
     ${addingJobs("sent", DELIVER_MESSAGE, DELIVERY)}`,
    [
      messageId,
      key,
      outgoing.from,
      outgoing.to,
      outgoing.operation,
      act.caseId ?? null,
      kernel.vault.seal("message", Buffer.from(JSON.stringify(outgoing.input ?? null)), messageId),
      JSON.stringify({
        ...{ purpose: act.purpose, legalBasis: act.legalBasis, language: act.language },
        trace: traceparent(),
      }),
      act.at,
    ],
  );
  return { messageId };
}

/** Of one length, however long the caller's key; another's key of the same letters causes something else. */
function causeOf(act: Act): string {
  if (act.idempotencyKey === undefined) return act.id;
  return sha256Hex(Buffer.from(`${actorName(act)} ${act.idempotencyKey}`, "utf8"));
}

interface MessageRow {
  readonly key: string;
  readonly from_room: string;
  readonly to_room: string;
  readonly operation: string;
  readonly case_id: string | null;
  readonly input: Buffer;
  readonly context: Pick<Act, "purpose" | "legalBasis" | "language"> & { readonly trace?: string };
}

/** What the sender's side is told when a message was executed. */
export interface Reply {
  readonly from: string;
  readonly to: string;
  readonly operation: string;
  readonly caseId: string | undefined;
  readonly outcome: unknown;
}

/**
 * Executes one message. Run again after a crash, it has the effect once: the receiving act goes by the message's key.
 * @param onReply runs before the message counts as finished, so it too must bear repetition
 */
export async function deliverMessage(
  kernel: Kernel,
  messageId: string,
  onReply: (reply: Reply) => Promise<void>,
): Promise<void> {
  const [row] = await kernel.database.query<MessageRow>(
    `SELECT key, from_room, to_room, operation, case_id, input, context FROM act.message
     WHERE id = $1 AND status IN ('waiting', 'dead')`,
    [messageId],
  );
  if (!row) return;
  const { trace, ...context } = row.context;
  const act: Act = {
    id: kernel.newId(),
    principal: { kind: "node", room: row.from_room },
    ...context,
    caseId: row.case_id ?? undefined,
    zone: kernel.zone,
    at: kernel.now(),
    idempotencyKey: row.key,
  };
  const input = JSON.parse(Buffer.from(kernel.vault.open("message", row.input, messageId)).toString("utf8"));
  const call = { room: row.to_room, operation: row.operation, input };
  // It is a part of what sent it, however much later.
  const outcome = await continuing(trace, () => kernel.perform(act, call));
  // A node that is away is not an answer: the message waits and is tried again, for days.
  if (isRefusal(outcome) && outcome.code === "unavailable" && isElsewhere(kernel, call)) {
    throw new Fault("ERR_NODE_AWAY", { message: `${call.room}.${call.operation}` });
  }
  await onReply({
    from: row.from_room,
    to: row.to_room,
    operation: row.operation,
    caseId: row.case_id ?? undefined,
    outcome,
  });
  await kernel.database.query(
    "UPDATE act.message SET status = $2, outcome = $3, finished_at = $4 WHERE id = $1 AND status IN ('waiting', 'dead')",
    [
      messageId,
      isRefusal(outcome) ? "refused" : "done",
      kernel.vault.seal("message-outcome", Buffer.from(JSON.stringify(outcome ?? null)), messageId),
      kernel.now(),
    ],
  );
}

/** Marks a message that failed too often: it waits, and can be delivered again. */
export async function buryMessage(kernel: Kernel, messageId: string): Promise<void> {
  await kernel.database.query("UPDATE act.message SET status = 'dead' WHERE id = $1 AND status = 'waiting'", [
    messageId,
  ]);
}

/** What is known of a message, and never what it says. */
export interface KnownMessage {
  readonly act: string;
  readonly from: string;
  readonly room: string;
  readonly operation: string;
  readonly at: string;
  readonly status: string;
  readonly failures: number;
}

/** Messages are numbered by time: those of an act were written within so long of it. */
const AROUND_MS = 15 * 60_000;
const KNOWN_MAX = 200;

/** Messages that these acts sent (known by them where nobody gave a key), or that belong to a trace. */
export async function messagesOf(
  sql: Sql,
  { acts, trace }: { readonly acts: readonly string[]; readonly trace: string | undefined },
): Promise<readonly KnownMessage[]> {
  const times = acts.flatMap((act) => timeOfUuidV7(act) ?? []);
  if (times.length === 0) return [];
  return await sql.query<KnownMessage>(
    `SELECT coalesce(a.act, '') AS act, m.from_room AS "from", m.to_room AS room, m.operation, m.created_at AS at, m.status,
       coalesce((SELECT j.attempts FROM graphile_worker._private_jobs j WHERE j.key = m.id::text AND j.last_error IS NOT NULL), 0) AS failures
     FROM act.message m LEFT JOIN unnest($1::text[]) AS a (act) ON starts_with(m.key, a.act || '/')
     WHERE m.id BETWEEN $2 AND $3 AND (a.act IS NOT NULL OR starts_with(m.context ->> 'trace', '00-' || $4 || '-'))
     ORDER BY m.id LIMIT $5`,
    [
      acts,
      uuidV7Bound(Math.min(...times) - AROUND_MS, "0"),
      uuidV7Bound(Math.max(...times) + AROUND_MS, "f"),
      trace ?? null,
      KNOWN_MAX,
    ],
  );
}
