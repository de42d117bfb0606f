import { fromUtf8 } from "#lib/crypto/bytes";
import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";

interface StatusRow {
  readonly id: string;
  readonly seq: number | null;
  readonly key: string | null;
  readonly publisher: string;
  readonly at: string;
  readonly stopped: boolean;
  readonly payload: Buffer;
  readonly pending: number;
  readonly dead: number;
}

/** Of one's own events alone: which of them are in the outbox still, and which in the log. */
export const findEvent = implement("findEvent", async (ctx, { room, member, type, id }) => {
  const sql = ctx.tables.read();
  const admitted = await admittedAs(sql, ctx.act, { room, member, right: "publish" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const [row] = await sql.query<StatusRow>(
    `SELECT e.id, e.seq, e.key, e.publisher, e.at, e.stopped_at IS NOT NULL AS stopped, e.payload,
       (SELECT count(*) FROM events.subscription s WHERE s.type = e.type AND s.state <> 'ended' AND (s.position < e.seq
         OR EXISTS (SELECT FROM events.delivery d WHERE d.subscription = s.id AND d.seq = e.seq))) AS pending,
       (SELECT count(*) FROM events.delivery d WHERE d.seq = e.seq AND d.state = 'dead') AS dead
     FROM events.event e JOIN events.type t ON t.id = e.type
     WHERE e.id = $1 AND t.room = $2 AND t.name = $3 AND e.publisher = $4
     UNION ALL
     SELECT o.event_id, NULL, o.key, $4, o.at, false, o.sealed, 0, 0
     FROM act.event o JOIN events.type t ON t.id::text = o.type
     WHERE o.event_id = $1 AND o.room = 'events' AND t.room = $2 AND t.name = $3 AND o.about ->> 'publisher' = $4 LIMIT 1`,
    [id, admitted.roomId, type, member],
  );
  if (!row) return ctx.refuse("event-unknown");
  return {
    ...{ id, type, publisher: row.publisher, at: row.at, pending: row.pending, dead: row.dead },
    ...(row.seq !== null && { sequence: row.seq }),
    ...(row.key !== null && { key: row.key }),
    event: JSON.parse(fromUtf8(ctx.secrets.open(row.payload, id))) as unknown,
    state: stateOf(row),
  };
});

function stateOf({ seq, stopped, pending }: StatusRow): "accepted" | "delivering" | "delivered" | "stopped" {
  if (stopped) return "stopped";
  if (seq === null) return "accepted";
  return pending > 0 ? "delivering" : "delivered";
}
