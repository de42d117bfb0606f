import { isFault } from "#kernel/errors/fault";
import type { Kernel } from "#kernel/system/kernel";
import { toBase64url } from "#lib/crypto/base64url";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { appendLeaves, EMPTY_RANGE, rootOf } from "#lib/merkle/compact-range";
import { leafHash } from "#lib/merkle/hash";
import { handOver, type NodeLinks, parcelOf, provenFor } from "./between-nodes.ts";
import { type CloudEvent, cloudEvent } from "./cloud-event.ts";
import { type Due, dueDeliveries, settle } from "./deliveries.ts";
import { type Attempt, afterAttempt, type Next, outageRetryMs } from "./delivery-state.ts";
import { BATCH_EVENTS, PUSH_LANES } from "./limits.ts";
import { PAYLOAD_LABEL } from "./log.ts";
import { pushToRoom, pushToSystem, type Receiver } from "./push.ts";
import { type Parcel, TRANSIT_ROOM } from "./transit.ts";

/** What becomes of an event between the log and its receiver; each step bears that the process ends behind it. */
export type Step = "taken-up" | "offered" | "answered" | "settled";

export interface Pushing {
  readonly kernel: Kernel;
  /** Absent where the node knows no others: what is for them waits. */
  readonly links?: NodeLinks | undefined;
  readonly onStep?: (step: Step) => Promise<void> | void;
}

/** A subscription that has something to be pushed now. */
export interface WaitingSubscription {
  readonly id: string;
  readonly member: string;
  readonly target: string;
  readonly pushSecret: Buffer | null;
  readonly ttlSeconds: number | null;
  readonly failures: number;
  readonly room: string;
  readonly type: string;
}

const NO_LIMIT = 10_000;

/** Those of urgent types first, then those that have waited longest. */
export function waitingSubscriptions(
  { database, now }: Pick<Kernel, "database" | "now">,
  busy: readonly string[] = [],
  limit = NO_LIMIT,
): Promise<readonly WaitingSubscription[]> {
  return database.query<WaitingSubscription>(
    `SELECT s.id, p.member, p.target, p.push_secret AS "pushSecret", s.ttl_seconds AS "ttlSeconds", s.failures, r.code AS room,
       t.name AS type
     FROM events.subscription s
     JOIN events.participant p ON p.id = s.participant AND p.target IS NOT NULL
     JOIN events.type t ON t.id = s.type JOIN events.room r ON r.id = t.room
     CROSS JOIN LATERAL (
       SELECT d.due_at FROM events.delivery d
       WHERE d.subscription = s.id AND d.state = 'waiting' AND d.due_at <= $1
         AND (d.lane IS NULL OR NOT EXISTS (SELECT FROM events.delivery b
           WHERE b.subscription = s.id AND b.lane = d.lane AND b.seq < d.seq AND (b.state <> 'waiting' OR b.due_at > $1)))
       ORDER BY d.seq LIMIT 1) d
     WHERE s.state = 'active' AND s.delivery = 'PUSH' AND (s.retry_at IS NULL OR s.retry_at <= $1) AND s.id <> ALL ($2::uuid[])
     ORDER BY array_position(ARRAY['urgent', 'normal', 'bulk'], t.priority), d.due_at LIMIT $3`,
    [now(), busy, limit],
  );
}

/** Pushes the next events of one subscription, each lane in its order, and writes down what became of them. */
export async function deliverSubscription(pushing: Pushing, subscription: WaitingSubscription): Promise<void> {
  const { kernel } = pushing;
  const now = kernel.now();
  const { due, settled } = await dueDeliveries(kernel.database, subscription, { now, limit: BATCH_EVENTS });
  const nexts = new Map(settled);
  let outage: Outage | undefined;
  let fault: unknown;
  if (due.length > 0) {
    await pushing.onStep?.("taken-up");
    const { offered, unread } = openedEvents(kernel, subscription, due);
    const attempts = await offer(pushing, subscription, offered).catch((error: unknown) => {
      fault = error;
      outage = { kind: "unreachable", reason: reasonOf(error) };
      return [];
    });
    for (const [row, attempt] of [...attempts, ...unread]) {
      const next = afterAttempt({ attempts: row.attempts, dueAtMs: Date.parse(row.dueAt) }, attempt, Date.parse(now));
      if (next !== undefined) nexts.set(row.seq, next);
      if (attempt.kind === "unreachable") outage = attempt;
    }
  }
  await finish(kernel, subscription, { nexts, outage, now });
  await pushing.onStep?.("settled");
  // Told when it is written down that this subscription waits: it does not fail again at once.
  if (fault !== undefined) throw fault;
}

async function offer(pushing: Pushing, subscription: WaitingSubscription, offered: Offered): Promise<Attempts> {
  if (offered.due.length === 0) return [];
  return isNode(subscription)
    ? await offerTogether(pushing, subscription, offered)
    : await offerEach(pushing, subscription, offered);
}

type Outage = Extract<Attempt, { kind: "unreachable" }>;
interface Offered {
  readonly due: readonly Due[];
  readonly events: readonly CloudEvent[];
}
type Attempts = readonly (readonly [Due, Attempt])[];

/** Each lane one by one, some lanes beside each other; for a receiver that cannot be reached all wait. */
async function offerEach(
  pushing: Pushing,
  subscription: WaitingSubscription,
  { due, events }: Offered,
): Promise<Attempts> {
  const { kernel } = pushing;
  const receiver = receiverOf(kernel, subscription);
  if (isSystem(receiver)) await record(kernel, subscription, events);
  const attempts: [Due, Attempt][] = [];
  const lanes = [...Map.groupBy(due.keys(), (place) => due[place]?.lane ?? place).values()];
  let isAway = false;
  const worker = async () => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (const place of lane) {
        if (isAway) return;
        await pushing.onStep?.("offered");
        const attempt = await attemptOnce(kernel, receiver, events[place] as CloudEvent);
        await pushing.onStep?.("answered");
        attempts.push([due[place] as Due, attempt]);
        isAway ||= attempt.kind === "unreachable";
        if (attempt.kind !== "taken") break;
      }
    }
  };
  await Promise.all(Array.from({ length: PUSH_LANES }, worker));
  return attempts;
}

/** To a node in one call: it takes them in their order, up to one that it refuses. */
async function offerTogether(
  pushing: Pushing,
  subscription: WaitingSubscription,
  { due, events }: Offered,
): Promise<Attempts> {
  const { links } = pushing;
  const destination = subscription.member.slice(NODE_PREFIX.length);
  const parcels = await Promise.all(
    events.map((event, place) =>
      subscription.room === TRANSIT_ROOM
        ? (event.data as Parcel)
        : provenFor(links, destination, parcelOf(links?.self ?? "", event, due[place]?.expiresAt ?? null)),
    ),
  );
  await pushing.onStep?.("offered");
  const fellDue = due.map(({ dueAt }) => dueAt);
  const attempts = await handOver(links, destination, parcels, fellDue);
  await pushing.onStep?.("answered");
  return attempts.map((attempt, place) => [due[place] as Due, attempt] as const);
}

async function finish(
  kernel: Kernel,
  subscription: WaitingSubscription,
  end: {
    readonly nexts: ReadonlyMap<number, Next>;
    readonly outage: Outage | undefined;
    readonly now: string;
  },
): Promise<void> {
  await kernel.database.transaction(async (tx) => {
    await settle(tx, subscription.id, end);
    const { outage } = end;
    if (outage === undefined) return;
    const retryAt = new Date(Date.parse(end.now) + outageRetryMs(subscription.failures + 1, outage.retryAfterMs));
    await tx.query(
      `UPDATE events.subscription SET failures = failures + 1, retry_at = $2, last_error = left($3, 200) WHERE id = $1`,
      [subscription.id, retryAt.toISOString(), outage.reason],
    );
  });
}

/** A fault of ours or of the room's says nothing about the event: it is offered again, like one that was refused, so that it cannot hold up the others for good. */
async function attemptOnce(kernel: Kernel, receiver: Receiver, event: CloudEvent): Promise<Attempt> {
  try {
    return isSystem(receiver)
      ? await pushToSystem(receiver, event, kernel.now())
      : await pushToRoom(kernel, receiver, event);
  } catch (error) {
    return { kind: "refused", reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  return typeof code === "string" ? code : (error as Error).name;
}

function isSystem({ member }: Receiver): boolean {
  return !member.includes(":");
}

const NODE_PREFIX = "node:";
function isNode({ member }: WaitingSubscription): boolean {
  return member.startsWith(NODE_PREFIX);
}

function receiverOf(kernel: Kernel, { id, member, target, pushSecret }: WaitingSubscription): Receiver {
  const secret = pushSecret === null ? undefined : kernel.vault.open(PAYLOAD_LABEL, pushSecret, `push ${member}`);
  return { subscription: id, member, target, secret };
}

/** One that does not open is like one that is refused: it is tried again, and at last a dead letter. Those behind it in its lane wait. */
function openedEvents(
  kernel: Kernel,
  { room, type }: WaitingSubscription,
  rows: readonly Due[],
): { readonly offered: Offered; readonly unread: Attempts } {
  const due: Due[] = [];
  const events: CloudEvent[] = [];
  const unread: [Due, Attempt][] = [];
  const stopped = new Set<string>();
  for (const row of rows) {
    if (row.lane !== null && stopped.has(row.lane)) continue;
    try {
      const data: unknown = JSON.parse(fromUtf8(kernel.vault.open(PAYLOAD_LABEL, row.payload, row.id)));
      events.push(cloudEvent({ ...row, room, type, data }));
      due.push(row);
    } catch (error) {
      if (!isFault(error)) throw error;
      unread.push([row, { kind: "refused", reason: error.code }]);
      if (row.lane !== null) stopped.add(row.lane);
    }
  }
  return { offered: { due, events }, unread };
}

/** What leaves the node is in the ledger before it leaves: which events, to whom. A room's own act has its own entry. */
async function record(kernel: Kernel, subscription: WaitingSubscription, events: readonly CloudEvent[]): Promise<void> {
  const root = rootOf(
    appendLeaves(
      EMPTY_RANGE,
      events.map((event) => leafHash(utf8(JSON.stringify(event)))),
    ),
  );
  await kernel.ledger.append(kernel.database, [
    {
      type: "exchange",
      at: kernel.now(),
      room: "events",
      operation: "push",
      actor: { kind: "node", id: "events" },
      purpose: "administration",
      legalBasis: [],
      subjects: [],
      outcome: "offered",
      detail: {
        subscription: subscription.id,
        member: subscription.member,
        count: events.length,
        first: events[0]?.id ?? "",
        last: events.at(-1)?.id ?? "",
        root: toBase64url(root),
      },
    },
  ]);
}
