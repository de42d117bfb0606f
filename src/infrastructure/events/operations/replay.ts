import { tellChange } from "../changed.ts";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";
import { positionBefore } from "../position.ts";
import { subscriptionById } from "../subscriptions.ts";

/** What the subscriber had already comes again; what is on its way or dead is not doubled. */
export const replay = implement("replay", async (ctx, { subscription, from }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const known = await subscriptionById(ctx.tables.read(), subscription);
  if (!known) return ctx.refuse("subscription-unknown");
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ type: string; position: number }>(
    "SELECT type, position FROM events.subscription WHERE id = $1 FOR UPDATE",
    [subscription],
  );
  if (!row) return ctx.refuse("subscription-unknown");
  const position = Math.min(row.position, await positionBefore(sql, row.type, from));
  const [counted] = await sql.query<{ count: number }>(
    "SELECT count(*) AS count FROM events.event WHERE type = $1 AND seq > $2 AND seq <= $3",
    [row.type, position, row.position],
  );
  await sql.execute("UPDATE events.subscription SET position = $2 WHERE id = $1", [subscription, position]);
  const events = counted?.count ?? 0;
  await ctx.record({ type: "exchange", operation: "replayed", detail: { subscription, from, events } });
  await tellChange(sql);
  return { events };
});
