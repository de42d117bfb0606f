import type { Sql } from "#kernel/database/sql";
import { beforeAttempt, type Next } from "./delivery-state.ts";

/** An event whose turn it is. */
export interface Due {
  readonly seq: number;
  readonly lane: string | null;
  readonly attempts: number;
  readonly dueAt: string;
  readonly id: string;
  readonly key: string | null;
  readonly publisher: string;
  readonly at: string;
  readonly expiresAt: string | null;
  readonly payload: Buffer;
  readonly trace: string | null;
}

interface TakenRow extends Due {
  readonly stopped_at: string | null;
}

/**
 * The next events of a subscription, in the order of the log: none whose lane has an earlier one that has to wait or is dead. What
 * nobody wants any more is told apart.
 */
export async function dueDeliveries(
  sql: Sql,
  subscription: { readonly id: string; readonly ttlSeconds: number | null },
  { now, limit }: { readonly now: string; readonly limit: number },
): Promise<{ readonly due: readonly Due[]; readonly settled: ReadonlyMap<number, Next> }> {
  const rows = await sql.query<TakenRow>(
    `SELECT d.seq, d.lane, d.attempts, d.due_at AS "dueAt", e.id, e.key, e.publisher, e.at, e.expires_at AS "expiresAt", e.stopped_at,
       e.payload, e.trace
     FROM events.delivery d JOIN events.event e ON e.seq = d.seq
     WHERE d.subscription = $1 AND d.state = 'waiting' AND d.due_at <= $2
       AND (d.lane IS NULL OR NOT EXISTS (
         SELECT FROM events.delivery b WHERE b.subscription = d.subscription AND b.lane = d.lane AND b.seq < d.seq
           AND (b.state <> 'waiting' OR b.due_at > $2)))
     ORDER BY d.seq LIMIT $3`,
    [subscription.id, now, limit],
  );
  const nowMs = Date.parse(now);
  const settled = new Map<number, Next>();
  const due: Due[] = [];
  const stopped = new Set<string>();
  for (const row of rows) {
    const next = beforeAttempt(
      { attempts: row.attempts, dueAtMs: Date.parse(row.dueAt) },
      {
        atMs: Date.parse(row.at),
        expiresAtMs: row.expiresAt === null ? undefined : Date.parse(row.expiresAt),
        isStopped: row.stopped_at !== null,
        ttlMs: subscription.ttlSeconds === null ? undefined : subscription.ttlSeconds * 1_000,
      },
      nowMs,
    );
    if (next !== undefined) settled.set(row.seq, next);
    // What follows a dead letter in its lane is held up by it.
    if (next?.state === "dead" && row.lane !== null) stopped.add(row.lane);
    else if (next === undefined && (row.lane === null || !stopped.has(row.lane))) due.push(row);
  }
  return { due, settled };
}

/**
 * Writes down what became of deliveries that waited. What follows one that is to be tried again, or is dead, in its lane is set aside, so that it
 * does not fill the window; it comes back when that one is gone. Gives how many were delivered.
 */
export async function settle(
  sql: Sql,
  subscription: string,
  { nexts, now }: { readonly nexts: ReadonlyMap<number, Next>; readonly now: string },
): Promise<number> {
  const of = <S extends Next["state"]>(state: S) =>
    [...nexts].flatMap(([seq, next]) => (next.state === state ? [{ seq, next: next as Next & { state: S } }] : []));
  const gone = of("gone");
  const again = of("waiting");
  const dead = of("dead");
  let delivered = 0;
  if (gone.length > 0) {
    await alone(sql, subscription);
    const [row] = await sql.query<{ delivered: number; retried: number }>(
      `WITH gone AS (
         DELETE FROM events.delivery d USING unnest($2::bigint[], $3::boolean[]) AS g (seq, delivered)
         WHERE d.subscription = $1 AND d.seq = g.seq AND d.state = 'waiting' RETURNING g.delivered, d.lane IS NOT NULL AND d.attempts > 0 AS retried),
       counted AS (SELECT count(*) FILTER (WHERE delivered) AS delivered, count(*) FILTER (WHERE retried) AS retried FROM gone),
       noted AS (
         UPDATE events.subscription s SET delivered = s.delivered + c.delivered, failures = 0, retry_at = NULL, last_error = NULL,
           last_delivered_at = $4
         FROM counted c WHERE s.id = $1 AND c.delivered > 0 RETURNING 1)
       SELECT delivered, retried FROM counted`,
      [subscription, gone.map(({ seq }) => seq), gone.map(({ next }) => next.as === "delivered"), now],
    );
    delivered = row?.delivered ?? 0;
    if (row !== undefined && row.retried > 0) await release(sql, subscription, now);
  }
  if (again.length > 0) {
    const kept = await sql.query<InLane>(
      `UPDATE events.delivery d SET attempts = a.attempts, due_at = a.due_at, reason = left(a.reason, 200)
       FROM unnest($2::bigint[], $3::int[], $4::timestamptz[], $5::text[]) AS a (seq, attempts, due_at, reason)
       WHERE d.subscription = $1 AND d.seq = a.seq AND d.state = 'waiting' RETURNING d.subscription, d.lane, d.seq`,
      [
        subscription,
        again.map(({ seq }) => seq),
        again.map(({ next }) => next.attempts),
        again.map(({ next }) => new Date(next.dueAtMs).toISOString()),
        again.map(({ next }) => next.reason),
      ],
    );
    await holdBehind(sql, kept);
  }
  if (dead.length > 0) await bury(sql, subscription, { dead, now });
  return delivered;
}

async function bury(
  sql: Sql,
  subscription: string,
  {
    dead,
    now,
  }: {
    readonly dead: readonly {
      readonly seq: number;
      readonly next: { readonly attempts: number; readonly reason: string };
    }[];
    readonly now: string;
  },
): Promise<void> {
  const buried = await sql.query<InLane>(
    `UPDATE events.delivery d SET state = 'dead', dead_at = $5, attempts = a.attempts, reason = left(a.reason, 200)
     FROM unnest($2::bigint[], $3::int[], $4::text[]) AS a (seq, attempts, reason)
     WHERE d.subscription = $1 AND d.seq = a.seq AND d.state = 'waiting' RETURNING d.subscription, d.lane, d.seq`,
    [
      subscription,
      dead.map(({ seq }) => seq),
      dead.map(({ next }) => next.attempts),
      dead.map(({ next }) => next.reason),
      now,
    ],
  );
  await holdBehind(sql, buried);
}

/** Where a delivery stands. */
export interface InLane {
  readonly subscription: string;
  readonly lane: string | null;
  readonly seq: number;
}

/** Sets aside what waits behind these in their lanes. */
export async function holdBehind(sql: Sql, rows: readonly InLane[]): Promise<void> {
  const inLane = rows.filter(({ lane }) => lane !== null);
  if (inLane.length === 0) return;
  await sql.execute(
    `UPDATE events.delivery d SET state = 'held'
     FROM (SELECT subscription, lane, min(seq) AS seq FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS r (subscription, lane, seq)
       GROUP BY subscription, lane) b
     WHERE d.subscription = b.subscription AND d.lane = b.lane AND d.seq > b.seq AND d.state = 'waiting'`,
    [inLane.map((row) => row.subscription), inLane.map(({ lane }) => lane), inLane.map(({ seq }) => seq)],
  );
}

/** Has dead letters delivered again, with all their attempts before them, and what each holds up behind it. */
export async function revive(
  sql: Sql,
  subscription: string,
  { seqs, now }: { readonly seqs: readonly number[]; readonly now: string },
): Promise<number> {
  const revived = await sql.execute(
    `UPDATE events.delivery SET state = 'waiting', dead_at = NULL, attempts = 0, reason = NULL, due_at = $3
     WHERE subscription = $1 AND seq = ANY($2::bigint[]) AND state = 'dead'`,
    [subscription, seqs, now],
  );
  await release(sql, subscription, now);
  return revived;
}

/** Lets go what nothing of its lane holds up any more: neither a dead letter nor one that is tried again. */
export async function release(sql: Sql, subscription: string, now: string): Promise<void> {
  await alone(sql, subscription);
  await sql.execute(
    `UPDATE events.delivery d SET state = 'waiting', due_at = $2
     WHERE d.subscription = $1 AND d.state = 'held' AND NOT EXISTS (
       SELECT FROM events.delivery b WHERE b.subscription = d.subscription AND b.lane = d.lane AND b.seq < d.seq
         AND (b.state = 'dead' OR (b.state = 'waiting' AND b.attempts > 0)))`,
    [subscription, now],
  );
}

/** Until the transaction's end: a round that places events meanwhile would set them aside behind what is gone, and nobody let them go. */
async function alone(sql: Sql, subscription: string): Promise<void> {
  await sql.query("SELECT FROM events.subscription WHERE id = $1 FOR UPDATE", [subscription]);
}
