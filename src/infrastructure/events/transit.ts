import type { z } from "zod";
import type { ParcelShape } from "#infrastructure/events";
import type { Sql } from "#kernel/database/sql";
import { utf8 } from "#lib/crypto/bytes";
import { sha256, sha256Hex } from "#lib/crypto/digest";
import { newId } from "./new-id.ts";

/** An event on its way between nodes. */
export type Parcel = z.output<typeof ParcelShape>;

/**
 * What this node passes on for others lies in an event room of its own, with a type for each destination: so it waits, is tried again,
 * keeps its order and is looked at like everything else.
 */
export const TRANSIT_ROOM = "zhengtong/ROOM/here/transit";
/** Letters for this node arrive here: whose they are is read off themselves, so nobody has to be admitted. */
export const LETTERS_ROOM = "zhengtong/ROOM/here/letters";
/** Parcels for one destination that wait at most; then whoever brings more keeps it for now. */
export const MAX_TRANSIT = 100_000;
const TRANSIT_RETENTION_DAYS = 30;

/** Makes what passing on to a destination needs, and gives the type under which parcels lie. */
export async function transitType(sql: Sql, destination: string, now: string): Promise<string> {
  const type = `to.${destination}`;
  const [known] = await sql.query<{ id: string }>(
    `SELECT t.id FROM events.type t JOIN events.room r ON r.id = t.room
     JOIN events.subscription s ON s.type = t.id AND s.state <> 'ended' WHERE r.code = $1 AND t.name = $2 AND t.removed_at IS NULL`,
    [TRANSIT_ROOM, type],
  );
  if (known) return known.id;
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('zhengtong events types', 0))");
  await openTransit(sql, now);
  const made = await sql.query<{ id: string }>(
    `WITH place AS (SELECT id FROM events.room WHERE code = $1),
       made AS (
         INSERT INTO events.type AS t (id, room, name, schema, priority, defined_at)
         SELECT $2, p.id, $3, '{}', 'normal', $4 FROM place p
         ON CONFLICT (room, name) WHERE removed_at IS NULL DO UPDATE SET name = excluded.name RETURNING t.id),
       receiver AS (
         INSERT INTO events.participant AS p (id, room, member, may_publish, may_subscribe, may_manage, target, admitted_at)
         SELECT $5, p.id, $6, false, true, false, $6, $4 FROM place p
         ON CONFLICT (room, member) WHERE dismissed_at IS NULL DO UPDATE SET may_subscribe = true, target = excluded.target RETURNING p.id),
       subscribed AS (
         INSERT INTO events.subscription (id, participant, type, delivery, fifo, position, made_at)
         SELECT $7, r.id, m.id, 'PUSH', false, 0, $4 FROM receiver r, made m
         ON CONFLICT (participant, type) WHERE state <> 'ended' DO NOTHING)
     SELECT id FROM made`,
    [TRANSIT_ROOM, newId(now), type, now, newId(now), `node:${destination}`, newId(now)],
  );
  return made[0]?.id ?? "";
}

/** Opens the room in which neighbours are admitted that may have this node pass something on. */
export async function openTransit(sql: Sql, now: string): Promise<void> {
  await sql.query(
    `INSERT INTO events.room (id, code, title, retention_days, opened_at) VALUES ($1, $2, '转发 Transit', $3, $4)
     ON CONFLICT (code) DO NOTHING`,
    [newId(now), TRANSIT_ROOM, TRANSIT_RETENTION_DAYS, now],
  );
}

/** Whether so many wait for a destination that no more are taken. */
export async function isTransitFull(sql: Sql, type: string): Promise<boolean> {
  const [row] = await sql.query<{ waiting: number }>(
    `SELECT count(*) AS waiting FROM (
       SELECT FROM events.event e JOIN events.subscription s ON s.type = e.type AND s.state <> 'ended'
       WHERE e.type = $1 AND e.seq > s.position LIMIT $2) e`,
    [type, MAX_TRANSIT],
  );
  return (row?.waiting ?? 0) >= MAX_TRANSIT;
}

/** The same parcel for the same destination has the same id on this node, and no other event has it. */
export function transitId(destination: string, { id }: Pick<Parcel, "id">): string {
  const hex = Buffer.from(sha256(utf8(`${destination} ${id}`))).toString("hex");
  // RFC 9562 §5.8: version 8 is for such digests.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Events that keep their order among themselves keep it on the way. */
export function transitKey({ origin, room, type, key }: Parcel): string | undefined {
  return key === undefined ? undefined : sha256Hex(utf8(JSON.stringify([origin, room, type, key])));
}
