import { implement } from "../implement.ts";
import { isRefused, keptRoom } from "../participants.ts";
import { endType } from "../types.ts";

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
  await endType(sql, gone.id);
  return {};
});
