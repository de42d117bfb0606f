import { implement } from "../implement.ts";
import { keeps, roomId } from "../participants.ts";

/** What waits for it ends with its subscriptions. */
export const dismiss = implement("dismiss", async (ctx, { room, member, reason }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const id = await roomId(ctx.tables.read(), room);
  if (id === undefined) return ctx.refuse("room-unknown");
  const sql = await ctx.tables.write();
  const [gone] = await sql.query<{ id: string }>(
    `UPDATE events.participant SET dismissed_at = $3, token_digest = NULL, push_secret = NULL
     WHERE room = $1 AND member = $2 AND dismissed_at IS NULL RETURNING id`,
    [id, member, ctx.now],
  );
  if (!gone) return ctx.refuse("not-admitted");
  await sql.execute(
    `WITH ended AS (UPDATE events.subscription SET state = 'ended' WHERE participant = $1 AND state <> 'ended' RETURNING id)
     DELETE FROM events.delivery WHERE subscription IN (SELECT id FROM ended)`,
    [gone.id],
  );
  await ctx.record({ type: "administration", operation: "participant-dismissed", detail: { room, member, reason } });
  return {};
});
