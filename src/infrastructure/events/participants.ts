import type { Sql } from "#kernel/database/sql";
import type { Act } from "#kernel/system/act";

/** What a participant wants to do in a room. */
export type Right = "publish" | "subscribe" | "manage" | "any";

export interface Admitted {
  readonly roomId: string;
  readonly participantId: string;
  readonly target: string | null;
}

/** Whether who acts may speak as this member: rooms and nodes as themselves, systems as whom an edge has recognized. */
export function speaksAs(act: Act, member: string): boolean {
  const { principal, origin } = act;
  if (principal.kind !== "node") return false;
  if (origin?.client !== undefined) return member === origin.client;
  if (origin !== undefined) return member === `node:${origin.node}`;
  return member === `room:${principal.room}`;
}

const EVENTS_ROOM = "events";

/** The member as participant of a room with a right, or why not. */
export async function admittedAs(
  sql: Sql,
  act: Act,
  asked: { readonly room: string; readonly member: string; readonly right: Right },
): Promise<Admitted | "room-unknown" | "not-admitted"> {
  const [row] = await sql.query<{
    readonly room: string;
    readonly participant: string | null;
    readonly target: string | null;
    readonly may_publish: boolean;
    readonly may_subscribe: boolean;
    readonly may_manage: boolean;
  }>(
    `SELECT r.id AS room, p.id AS participant, p.target, p.may_publish, p.may_subscribe, p.may_manage
     FROM events.room r LEFT JOIN events.participant p ON p.room = r.id AND p.member = $2 AND p.dismissed_at IS NULL
     WHERE r.code = $1`,
    [asked.room, asked.member],
  );
  if (!row) return "room-unknown";
  if (!row.participant || !speaksAs(act, asked.member)) return "not-admitted";
  const may = { publish: row.may_publish, subscribe: row.may_subscribe, manage: row.may_manage, any: true }[
    asked.right
  ];
  return may ? { roomId: row.room, participantId: row.participant, target: row.target } : "not-admitted";
}

/** A room for whoever keeps it: an official with the duty, the node itself, or a participant that may manage it. */
export async function keptRoom(
  sql: Sql,
  act: Act,
  asked: { readonly room: string; readonly member?: string | undefined; readonly right: Right },
): Promise<string | "room-unknown" | "not-admitted"> {
  if (asked.member !== undefined) {
    const admitted = await admittedAs(sql, act, { ...asked, member: asked.member });
    return typeof admitted === "string" ? admitted : admitted.roomId;
  }
  if (!keeps(act)) return "not-admitted";
  return (await roomId(sql, asked.room)) ?? "room-unknown";
}

/** Whether who acts keeps the event rooms of this node: an official (the contract asks for his duty), or the node itself. */
export function keeps({ principal, origin }: Act): boolean {
  return (
    principal.kind === "official" ||
    (principal.kind === "node" && principal.room === EVENTS_ROOM && origin === undefined)
  );
}

/** Why it is not to be done, where it is not. */
export function isRefused(found: unknown): found is "room-unknown" | "not-admitted" {
  return found === "room-unknown" || found === "not-admitted";
}

export async function roomId(sql: Sql, code: string): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>("SELECT id FROM events.room WHERE code = $1", [code]);
  return row?.id;
}

/** The standing type of a room by its name. */
export async function typeOf(
  sql: Sql,
  room: string,
  name: string,
): Promise<{ readonly id: string; readonly schema: object; readonly orderBy: string | null } | undefined> {
  const [row] = await sql.query<{ id: string; schema: object; orderBy: string | null }>(
    `SELECT id, schema, order_by AS "orderBy" FROM events.type WHERE room = $1 AND name = $2 AND removed_at IS NULL`,
    [room, name],
  );
  return row;
}
