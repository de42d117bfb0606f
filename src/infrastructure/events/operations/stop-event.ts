import { implement } from "../implement.ts";
import { admittedAs, isRefused } from "../participants.ts";

/** Whoever had it keeps it; nobody gets it from now on. */
export const stopEvent = implement("stopEvent", async (ctx, { room, member, type, id }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "publish" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const sql = await ctx.tables.write();
  // One that is in the outbox still is taken out of it; the distribution waits for this, and then does not find it.
  const taken = await sql.execute(
    `DELETE FROM act.event o USING events.type t
     WHERE o.event_id = $1 AND o.room = 'events' AND t.id::text = o.type AND t.room = $2 AND t.name = $3
       AND o.about ->> 'publisher' = $4`,
    [id, admitted.roomId, type, member],
  );
  if (taken > 0) return {};
  const stopped = await sql.execute(
    `UPDATE events.event e SET stopped_at = coalesce(e.stopped_at, $5) FROM events.type t
     WHERE e.id = $1 AND t.id = e.type AND t.room = $2 AND t.name = $3 AND e.publisher = $4`,
    [id, admitted.roomId, type, member, ctx.now],
  );
  return stopped === 0 ? ctx.refuse("event-unknown") : {};
});
