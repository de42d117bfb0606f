import { events } from "#infrastructure/events";
import type { Transaction } from "#kernel/database/sql";
import { isFault } from "#kernel/errors/fault";
import type { Vault } from "#kernel/vault/vault";
import { holdBehind, type InLane, release } from "./deliveries.ts";
import { TTL_PASSED } from "./delivery-state.ts";
import { MAX_SET_ASIDE, ROUND_EVENTS, WINDOW } from "./limits.ts";

/** Under which payloads are kept: as `ctx.secrets` of this room seals. */
export const PAYLOAD_LABEL = `room ${events.id}`;

interface OutboxRow {
  readonly event_id: string;
  readonly room: string;
  readonly type: string;
  readonly payload: unknown;
  readonly sealed: Buffer | null;
  readonly key: string | null;
  readonly about: { readonly publisher?: string; readonly expiresAt?: string; readonly trace?: string };
  readonly at: string;
}

/** What a round did. */
export interface Round {
  readonly entered: number;
  readonly placed: number;
}

/**
 * Takes events out of the outbox into the log, and places the next of the log into the windows of its subscribers: one transaction, one
 * at a time in the whole cluster, so that the log's numbers follow its order.
 */
export async function runRound(tx: Transaction, vault: Vault, now: string): Promise<Round> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong events log', 0))");
  const entered = await enter(tx, vault, now);
  // When there is nothing else to do: nobody waits for it.
  if (entered === 0) await removeOverdue(tx, now);
  return { entered, placed: await place(tx, now) };
}

/**
 * By id: of two acts of which one followed the other's commit, the later has the greater. An event that nobody defined a type for stays where it is.
 */
async function enter(tx: Transaction, vault: Vault, now: string): Promise<number> {
  const rows = await tx.query<OutboxRow & { readonly type_id: string; readonly contract_room: string | null }>(
    `WITH due AS (
       SELECT o.id, t.id AS type_id
       FROM act.event o
       JOIN events.type t ON t.id = CASE WHEN o.room = $2 THEN o.type::uuid
         ELSE (SELECT c.id FROM events.type c JOIN events.room r ON r.id = c.room
               WHERE r.contract = o.room AND c.name = o.type AND c.removed_at IS NULL) END
       ORDER BY o.id LIMIT $1),
     taken AS (DELETE FROM act.event o USING due WHERE o.id = due.id
       RETURNING o.id, due.type_id, o.event_id, o.room, o.payload, o.sealed, o.key, o.about, o.at)
     SELECT * FROM taken ORDER BY id`,
    [ROUND_EVENTS, events.id],
  );
  if (rows.length === 0) return 0;
  return await tx.execute(
    `INSERT INTO events.event (id, type, key, publisher, at, entered_at, expires_at, payload, trace)
     SELECT e.id, e.type, e.key, e.publisher, e.at, $8, e.expires_at, e.payload, e.trace
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::bytea[], $9::text[])
       WITH ORDINALITY AS e (id, type, key, publisher, at, expires_at, payload, trace, ordinal)
     ORDER BY e.ordinal
     ON CONFLICT (id) DO NOTHING`,
    [
      rows.map(({ event_id }) => event_id),
      rows.map(({ type_id }) => type_id),
      rows.map(({ key }) => key),
      rows.map(({ about, room }) => about.publisher ?? `room:${room}`),
      rows.map(({ at }) => at),
      rows.map(({ about }) => storable(about.expiresAt)),
      rows.map((row) => sealedForLog(vault, row)),
      now,
      rows.map(({ about }) => about.trace ?? null),
    ],
  );
}

/**
 * What this room sealed itself is passed on as it is. So is what does not open: it becomes a dead letter of whoever subscribed, and does not hold up
 * what others published.
 */
function sealedForLog(vault: Vault, row: OutboxRow): Buffer {
  if (row.sealed === null) return sealed(vault, row, Buffer.from(JSON.stringify(row.payload)));
  if (row.room === events.id) return row.sealed;
  try {
    return sealed(vault, row, vault.open(`room ${row.room}`, row.sealed, row.event_id));
  } catch (error) {
    if (isFault(error, "ERR_VAULT_SEAL")) return row.sealed;
    throw error;
  }
}

function sealed(vault: Vault, row: OutboxRow, plain: Uint8Array): Buffer {
  return Buffer.from(vault.seal(PAYLOAD_LABEL, plain, row.event_id));
}

/** The year 0000 of ISO 8601 is 1 BC to the database, which writes it otherwise: over it is in any case. */
function storable(instant: string | undefined): string | null {
  return instant?.startsWith("0000") ? FIRST_INSTANT : (instant ?? null);
}

const FIRST_INSTANT = "0001-01-01T00:00:00Z";

/** Of what is pulled; what is pushed is looked at when its turn comes. Beyond its publisher's time it goes, beyond its subscriber's it is dead. */
async function removeOverdue(tx: Transaction, now: string): Promise<void> {
  const gone = await tx.query<{ subscription: string; retried: boolean }>(
    `DELETE FROM events.delivery d USING events.subscription s, events.event e
     WHERE s.id = d.subscription AND s.delivery = 'PULL' AND d.state = 'waiting' AND e.seq = d.seq
       AND (e.stopped_at IS NOT NULL OR e.expires_at <= $1) RETURNING d.subscription, d.attempts > 0 AS retried`,
    [now],
  );
  const freed = new Set(gone.flatMap(({ subscription, retried }) => (retried ? [subscription] : [])));
  for (const subscription of [...freed].sort()) await release(tx, subscription, now);
  const dead = await tx.query<InLane>(
    `UPDATE events.delivery d SET state = 'dead', dead_at = $1, reason = $2
     FROM events.subscription s, events.event e
     WHERE s.id = d.subscription AND s.delivery = 'PULL' AND s.ttl_seconds IS NOT NULL AND d.state = 'waiting' AND e.seq = d.seq
       AND e.at + make_interval(secs => s.ttl_seconds) <= $1 RETURNING d.subscription, d.lane, d.seq`,
    [now, TTL_PASSED],
  );
  await holdBehind(tx, dead);
}

/** A slow subscriber's window stays full, and costs the others nothing. */
async function place(tx: Transaction, now: string): Promise<number> {
  // Locked before it is looked at what they have: what holds up a lane does not go meanwhile.
  const open = await tx.query<{ id: string }>(
    `SELECT s.id FROM events.subscription s
     WHERE s.state = 'active' AND EXISTS (SELECT FROM events.event e WHERE e.type = s.type AND e.seq > s.position)
     ORDER BY s.id FOR UPDATE`,
  );
  if (open.length === 0) return 0;
  const [row] = await tx.query<{ placed: number }>(
    `WITH open AS (
       SELECT s.id, s.type, s.position, s.fifo,
         (SELECT count(*) FROM events.delivery d WHERE d.subscription = s.id AND d.state = 'waiting') AS waiting,
         (SELECT count(*) FROM events.delivery d WHERE d.subscription = s.id AND d.state <> 'waiting') AS aside
       FROM events.subscription s WHERE s.id = ANY ($4::uuid[])),
     next AS (
       SELECT o.id AS subscription, e.seq, CASE WHEN o.fifo THEN coalesce(e.key, '') ELSE e.key END AS lane
       FROM open o CROSS JOIN LATERAL (
         SELECT seq, key FROM events.event WHERE type = o.type AND seq > o.position ORDER BY seq
         LIMIT CASE WHEN o.aside >= $3 THEN 0 ELSE greatest($2 - o.waiting, 0) END) e),
     moved AS (
       UPDATE events.subscription s SET position = m.last
       FROM (SELECT subscription, max(seq) AS last FROM next GROUP BY subscription) m WHERE s.id = m.subscription RETURNING 1),
     placed AS (
       INSERT INTO events.delivery (subscription, seq, lane, state, due_at)
       SELECT n.subscription, n.seq, n.lane,
         CASE WHEN n.lane IS NOT NULL AND EXISTS (SELECT FROM events.delivery d
           WHERE d.subscription = n.subscription AND d.lane = n.lane AND d.seq < n.seq AND (d.state <> 'waiting' OR d.attempts > 0))
           THEN 'held' ELSE 'waiting' END, $1
       FROM next n ON CONFLICT (subscription, seq) DO NOTHING RETURNING 1)
     SELECT count(*) AS placed FROM placed`,
    [now, WINDOW, MAX_SET_ASIDE, open.map(({ id }) => id)],
  );
  return row?.placed ?? 0;
}
