import { tellChange } from "../changed.ts";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";
import { endType } from "../types.ts";

/** Its subscriptions here end with it; the other node is told after the commit, for as long as it takes. */
export const unfollow = implement("unfollow", async (ctx, { id }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ room: string; here: string; type: string }>(
    `UPDATE events.followed SET state = 'ending', due_at = $2, failures = 0, last_error = NULL
     WHERE id = $1 AND state IN ('asked', 'in-force') RETURNING room, here, type`,
    [id, ctx.now],
  );
  if (!row) return ctx.refuse("subscription-unknown");
  // In a room that an official opened here the type is that room's own.
  if (row.here !== row.room) {
    const [type] = await sql.query<{ id: string }>(
      `UPDATE events.type t SET removed_at = $3 FROM events.room r
       WHERE r.id = t.room AND r.code = $1 AND t.name = $2 AND t.removed_at IS NULL RETURNING t.id`,
      [row.here, row.type, ctx.now],
    );
    if (type) await endType(sql, type.id);
  }
  await tellChange(sql);
  return {};
});
