import { events } from "#infrastructure/events";
import type { Sql } from "#kernel/database/sql";
import type { NodeProofs } from "#kernel/ports";
import { enteringEvents, type OutgoingEvent } from "#kernel/system/outbox";
import { utf8 } from "#lib/crypto/bytes";
import { parcelMessage } from "../between-nodes.ts";
import { compileSchema } from "../event-schema.ts";
import { askAnew, followedRoomCode } from "../followed.ts";
import { implement } from "../implement.ts";
import { LETTERS_ROOM, type Parcel } from "../transit.ts";

/**
 * Events of other nodes: into the room of the same name, where their node was admitted to publish. In their order, up to the first that
 * is not taken.
 */
export const receive = implement("receive", async (ctx, { parcels }) => {
  const { origin } = ctx.act;
  if (origin === undefined || origin.client !== undefined) return ctx.refuse("not-admitted");
  const outgoing: OutgoingEvent[] = [];
  let refused:
    | { readonly id: string; readonly code: "room-unknown" | "type-unknown" | "not-admitted" | "invalid-event" }
    | undefined;
  for (const parcel of parcels) {
    const place = await placeOf(ctx.tables.read(), parcel, origin.node);
    const problem =
      typeof place === "string"
        ? place
        : (problemOf(place.schema, parcel.event) ?? unproven(ctx.proofs, parcel, origin.node));
    if (typeof place === "string" || problem !== undefined) {
      refused = { id: parcel.id, code: problem ?? "type-unknown" };
      break;
    }
    outgoing.push({
      ...{ id: parcel.id, room: events.id, type: place.type, caseId: undefined, at: parcel.at, key: parcel.key },
      sealed: ctx.secrets.seal(utf8(JSON.stringify(parcel.event ?? null)), parcel.id),
      about: {
        publisher: parcel.publisher,
        ...(parcel.expiresAt && { expiresAt: parcel.expiresAt }),
        ...(parcel.trace && { trace: parcel.trace }),
      },
    });
  }
  const { text, values } = enteringEvents(outgoing);
  const sql = await ctx.tables.write();
  const misfit = refused?.code === "invalid-event" ? parcels[outgoing.length] : undefined;
  // Perhaps its type is no more what it was when this node asked.
  if (misfit) await askAnew(sql, misfit, ctx.now);
  if (outgoing.length > 0) await sql.query(text, values);
  return { taken: outgoing.length, ...(refused && { refused }) };
});

/** Who brings what he published himself has been recognized; of another's the other's signature is asked for. */
function unproven(proofs: NodeProofs | undefined, parcel: Parcel, bringer: string): "not-admitted" | undefined {
  const { origin, proof } = parcel;
  if (bringer === origin) return undefined;
  if (proofs === undefined || proof === undefined) return "not-admitted";
  return proofs.isSignedBy(origin, parcelMessage(proofs.self, parcel), proof) ? undefined : "not-admitted";
}

function problemOf(schema: object, event: unknown): "invalid-event" | undefined {
  const compiled = compileSchema(schema);
  return compiled.ok && compiled.check(event) === undefined ? undefined : "invalid-event";
}

/**
 * Both the node where it was published and the one that brings it are admitted, or it does not come in. What this node asked for itself it takes
 * whoever brings it: its node signed it.
 */
async function placeOf(
  sql: Sql,
  { room, type, origin }: Parcel,
  bringer: string,
): Promise<{ readonly type: string; readonly schema: object } | "room-unknown" | "type-unknown" | "not-admitted"> {
  const [row] = await sql.query<{
    readonly type: string | null;
    readonly schema: object | null;
    readonly origin: boolean;
    readonly bringer: boolean;
    readonly followed: boolean;
  }>(
    `SELECT t.id AS type, t.schema,
       EXISTS (SELECT FROM events.participant p WHERE p.room = r.id AND p.member = $3 AND p.may_publish AND p.dismissed_at IS NULL) AS origin,
       EXISTS (SELECT FROM events.participant p WHERE p.room = r.id AND p.member = $4 AND p.dismissed_at IS NULL) AS bringer,
       EXISTS (SELECT FROM events.followed f WHERE f.node = $5 AND f.room = $6 AND f.type = $2 AND f.state <> 'ended') AS followed
     FROM events.room r LEFT JOIN events.type t ON t.room = r.id AND t.name = $2 AND t.removed_at IS NULL
     WHERE r.code = $1`,
    [followedRoomCode(origin, room), type, `node:${origin}`, `node:${bringer}`, origin, room],
  );
  if (!row) return "room-unknown";
  if (room !== LETTERS_ROOM && !(row.origin && (row.bringer || row.followed))) return "not-admitted";
  return row.type === null || row.schema === null ? "type-unknown" : { type: row.type, schema: row.schema };
}
