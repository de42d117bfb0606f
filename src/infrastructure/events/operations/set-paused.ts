import { tellChange } from "../changed.ts";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";
import { subscriptionById } from "../subscriptions.ts";

export const setPaused = implement("setPaused", async (ctx, { subscription, paused }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const known = await subscriptionById(ctx.tables.read(), subscription);
  if (!known) return ctx.refuse("subscription-unknown");
  const sql = await ctx.tables.write();
  await sql.execute(
    "UPDATE events.subscription SET state = $2, failures = 0, retry_at = NULL WHERE id = $1 AND state <> 'ended'",
    [subscription, paused ? "paused" : "active"],
  );
  await tellChange(sql);
  return {};
});
