import { Buffer } from "node:buffer";
import { toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { doorRefusal } from "../contract/door-refusals.ts";
import { isRefusal, Refusal } from "../contract/refusal.ts";
import type { Sql } from "../database/sql.ts";
import { Fault } from "../errors/fault.ts";
import { addJob, type JobTask } from "../jobs/jobs.ts";
import type { RoomCall } from "../ports.ts";
import { randomBytes } from "../random.ts";
import type { Sweep } from "../services/housekeeping.ts";
import type { Act } from "./act.ts";
import { nodeOf } from "./elsewhere.ts";
import { actorName } from "./idempotency.ts";
import type { Kernel } from "./kernel.ts";
import { continuing, traceparent } from "./trace.ts";

/** How often what was asked for later is tried where a node is away: the waits grow to six hours, so for about two weeks. */
export const MAX_LATER_ATTEMPTS = 64;
/** Of one asker, and of all who did not sign in together: with more waiting, the next is asked to wait. */
export const MAX_LATER_WAITING = 200;
/** What came of it is kept so long after it was asked, as long as the outcome of a command under its key. */
export const LATER_RETENTION_DAYS = 30;
/** The name of the job that does it. */
export const DO_LATER = "do-later";

const TOKEN_BYTES = 32;
const ASKED = "later";
const OUTCOME = "later-outcome";
const DAY_MS = 86_400_000;

/** What has had its time, answered or not. */
export const laterSweep: Sweep = {
  what: "later",
  text: "DELETE FROM act.later WHERE id IN (SELECT id FROM act.later WHERE asked_at < $1 ORDER BY asked_at LIMIT $2)",
  ageMs: LATER_RETENTION_DAYS * DAY_MS,
};

/**
 * Takes an operation to be done later, safe on disk when this resolves.
 * @returns the token by which its asker finds the outcome; undefined where too many of his wait
 */
export async function askLater(kernel: Kernel, act: Act, call: RoomCall): Promise<string | undefined> {
  const id = kernel.newId();
  const token = toBase64url(randomBytes(TOKEN_BYTES));
  const asked = kernel.vault.seal(
    ASKED,
    utf8(JSON.stringify({ act, input: call.input ?? null, trace: traceparent() })),
    id,
  );
  const isTaken = await kernel.database.transaction(async (tx) => {
    const rows = await tx.query(
      `INSERT INTO act.later (id, token_digest, asker, room, operation, key, asked, asked_at)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8
       WHERE (SELECT count(*) FROM act.later WHERE asker = $3 AND state = 'waiting') < $9 RETURNING 1`,
      [
        ...[id, Buffer.from(kernel.vault.blind(ASKED, token)), actorName(act), call.room, call.operation],
        ...[act.idempotencyKey ?? null, Buffer.from(asked), act.at, MAX_LATER_WAITING],
      ],
    );
    if (rows.length > 0) await addJob(tx, DO_LATER, { laterId: id }, { key: id, maxAttempts: MAX_LATER_ATTEMPTS });
    return rows.length > 0;
  });
  return isTaken ? token : undefined;
}

/** What came of what was asked for later. */
export type Later = { readonly state: "waiting" } | { readonly state: "answered"; readonly outcome: unknown | Refusal };

/** Undefined where nothing was asked under this token, by whom the act says. */
export async function laterOutcome(kernel: Kernel, act: Act, token: string): Promise<Later | undefined> {
  const [row] = await kernel.database.query<{ id: string; outcome: Buffer | null }>(
    "SELECT id, outcome FROM act.later WHERE token_digest = ANY ($1::bytea[]) AND asker = $2",
    [kernel.vault.blinds(ASKED, token).map((each) => Buffer.from(each)), actorName(act)],
  );
  if (!row) return undefined;
  if (row.outcome === null) return { state: "waiting" };
  const kept = JSON.parse(fromUtf8(kernel.vault.open(OUTCOME, row.outcome, row.id))) as Kept;
  return { state: "answered", outcome: kept.refusal === undefined ? kept.value : new Refusal(kept.refusal) };
}

interface Kept {
  readonly value?: unknown;
  readonly refusal?: ConstructorParameters<typeof Refusal>[0];
}

/** Takes calls to nodes that cannot be reached from here by way of others. */
export interface LaterRelay {
  /** Sends it once, however often it is asked to; the answer comes through `answerLater`. */
  send(asked: {
    readonly id: string;
    readonly node: string;
    readonly act: Act;
    readonly call: RoomCall;
    /** ISO 8601. */
    readonly askedAt: string;
    /** How often the node was tried directly. */
    readonly attempt: number;
  }): Promise<void>;
}

interface WaitingRow {
  readonly id: string;
  readonly room: string;
  readonly operation: string;
  readonly asked: Buffer;
  readonly askedAt: string;
}

const WAITING = `SELECT id, room, operation, asked, asked_at AS "askedAt" FROM act.later WHERE id = $1 AND state = 'waiting'`;

interface Asked {
  readonly act: Act;
  readonly call: RoomCall;
  readonly trace: string | undefined;
}

function askedOf({ vault, now }: Kernel, row: WaitingRow): Asked {
  const { act, input, trace } = JSON.parse(fromUtf8(vault.open(ASKED, row.asked, row.id))) as {
    readonly act: Act;
    readonly input: unknown;
    readonly trace?: string;
  };
  return { act: { ...act, at: now() }, call: { room: row.room, operation: row.operation, input }, trace };
}

/** Does what was asked for. A node that is away is not an answer: it is tried again for days, and by way of others. */
export function laterJobs(kernel: Kernel, relay?: LaterRelay): Readonly<Record<string, JobTask>> {
  return {
    [DO_LATER]: async ({ laterId }: { readonly laterId: string }, attempt) => {
      const [row] = await kernel.database.query<WaitingRow>(WAITING, [laterId]);
      if (!row) return;
      const { act, call, trace } = askedOf(kernel, row);
      await continuing(trace, async () => {
        const outcome = await outcomeOf(kernel, act, call, attempt.last);
        if (outcome !== AWAY) return await keep(kernel, kernel.database, { id: laterId, outcome });
        const node = nodeOf(kernel, call);
        if (node !== undefined) {
          await relay?.send({ ...{ id: laterId, node, act, call }, askedAt: row.askedAt, attempt: attempt.number });
        }
        throw new Fault("ERR_NODE_AWAY");
      });
    },
  };
}

/** Writes down what came by way of others, in the transaction; nothing where it was answered meanwhile. */
export async function answerLater(
  kernel: Kernel,
  sql: Sql,
  { id, settle }: { readonly id: string; readonly settle: (asked: Asked) => Promise<unknown | Refusal> },
): Promise<void> {
  const [row] = await sql.query<WaitingRow>(`${WAITING} FOR UPDATE`, [id]);
  if (row) await keep(kernel, sql, { id, outcome: await settle(askedOf(kernel, row)) });
}

const AWAY = Symbol("away");

async function outcomeOf(kernel: Kernel, act: Act, call: RoomCall, isLast: boolean): Promise<unknown> {
  try {
    const outcome = await kernel.perform(act, call);
    return isRefusal(outcome) && outcome.code === "unavailable" && !isLast ? AWAY : outcome;
  } catch (error) {
    if (!isLast) throw error;
    // What failed to the end is told as what it is to whoever asked; the log has its code.
    return doorRefusal(call.room, "unavailable");
  }
}

async function keep(
  kernel: Kernel,
  sql: Sql,
  { id, outcome }: { readonly id: string; readonly outcome: unknown },
): Promise<void> {
  const kept: Kept = isRefusal(outcome) ? { refusal: wordsOf(outcome) } : { value: outcome ?? {} };
  const sealed = kernel.vault.seal(OUTCOME, utf8(JSON.stringify(kept)), id);
  await sql.query(
    "UPDATE act.later SET state = 'answered', outcome = $2, answered_at = $3 WHERE id = $1 AND state = 'waiting'",
    [id, Buffer.from(sealed), kernel.now()],
  );
}

function wordsOf({ room, code, text, issues, needs }: Refusal): NonNullable<Kept["refusal"]> {
  return { room, code, text, issues, ...(needs && { needs }) };
}
