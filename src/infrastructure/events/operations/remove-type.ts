import { implement } from "../implement.ts";
import { isRefused, keptRoom } from "../participants.ts";

/** Its subscriptions end; what was published stays until its time is over. */
export const removeType = implement("removeType", async (ctx, { room, member, type }) => {
  const kept = await keptRoom(ctx.tables.read(), ctx.act, { room, member, right: "manage" });
  if (isRefused(kept)) return ctx.refuse(kept);
  const sql = await ctx.tables.write();
  const [gone] = await sql.query<{ id: string }>(
    "UPDATE events.type SET removed_at = $3 WHERE room = $1 AND name = $2 AND removed_at IS NULL RETURNING id",
    [kept, type, ctx.now],
  );
  if (!gone) return ctx.refuse("type-unknown");
  await sql.execute(
    `WITH ended AS (UPDATE events.subscription SET state = 'ended' WHERE type = $1 AND state <> 'ended' RETURNING id)
     DELETE FROM events.delivery WHERE subscription IN (SELECT id FROM ended)`,
    [gone.id],
  );
  return {};
});
