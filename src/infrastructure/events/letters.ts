import { events } from "#infrastructure/events";
import type { Sql } from "#kernel/database/sql";
import type { Kernel } from "#kernel/system/kernel";
import { enteringEvents } from "#kernel/system/outbox";
import { utf8 } from "#lib/crypto/bytes";
import { type NodeLinks, provenFor } from "./between-nodes.ts";
import { PAYLOAD_LABEL } from "./log.ts";
import { newId } from "./new-id.ts";
import { nextHop } from "./path.ts";
import { isTransitFull, LETTERS_ROOM, transitId, transitType } from "./transit.ts";

const TYPE = "letter";
/** Who reads what comes, and by which operation. */
const READER = { member: "room:exchange", operation: "takeLetter" };
const RETENTION_DAYS = 30;

/** Something of this node for another one, which none between is to read. */
export interface Posted {
  readonly id: string;
  readonly to: string;
  /** ISO 8601: from then on nobody carries it any further. */
  readonly until: string;
}

/** Opens the room in which letters for this node arrive; the exchange reads them. */
export async function openLetters(sql: Sql, now: string): Promise<void> {
  await sql.query(
    `WITH opened AS (
       INSERT INTO events.room AS r (id, code, title, retention_days, opened_at) VALUES ($1, $2, '信函 Letters', $3, $4)
       ON CONFLICT (code) DO UPDATE SET title = excluded.title RETURNING r.id),
     type AS (
       INSERT INTO events.type AS t (id, room, name, schema, priority, defined_at)
       SELECT $5, o.id, $6, '{}', 'normal', $4 FROM opened o
       ON CONFLICT (room, name) WHERE removed_at IS NULL DO UPDATE SET name = excluded.name RETURNING t.id),
     reader AS (
       INSERT INTO events.participant AS p (id, room, member, may_publish, may_subscribe, may_manage, target, admitted_at)
       SELECT $7, o.id, $8, false, true, false, $9, $4 FROM opened o
       ON CONFLICT (room, member) WHERE dismissed_at IS NULL DO UPDATE SET target = excluded.target RETURNING p.id)
     INSERT INTO events.subscription (id, participant, type, delivery, fifo, position, made_at)
     SELECT $10, r.id, t.id, 'PUSH', false, 0, $4 FROM reader r, type t
     ON CONFLICT (participant, type) WHERE state <> 'ended' DO NOTHING`,
    [
      ...[newId(now), LETTERS_ROOM, RETENTION_DAYS, now, newId(now), TYPE],
      ...[newId(now), READER.member, READER.operation, newId(now)],
    ],
  );
}

/**
 * Puts a letter on its way along the hierarchy, in the transaction of whoever wrote it.
 * @returns false where the directory knows no way, or too many wait for that node already
 */
export async function postLetter(
  sql: Sql,
  { kernel, links }: { readonly kernel: Pick<Kernel, "vault" | "now">; readonly links: NodeLinks },
  letter: Posted,
): Promise<boolean> {
  if (nextHop(links, letter.to) === undefined) return false;
  const now = kernel.now();
  const type = await transitType(sql, letter.to, now);
  if (await isTransitFull(sql, type)) return false;
  const parcel = await provenFor(links, letter.to, {
    ...{ origin: links.self, id: letter.id, room: LETTERS_ROOM, type: TYPE, publisher: READER.member },
    ...{ at: now, expiresAt: letter.until, event: letter },
  });
  const id = transitId(letter.to, parcel);
  const { text, values } = enteringEvents([
    {
      ...{ id, room: events.id, type, caseId: undefined, key: undefined, at: now },
      sealed: kernel.vault.seal(PAYLOAD_LABEL, utf8(JSON.stringify(parcel)), id),
      about: { publisher: `node:${links.self}`, expiresAt: letter.until },
    },
  ]);
  await sql.query(text, values);
  return true;
}
