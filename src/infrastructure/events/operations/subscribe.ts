import { tellChange } from "../changed.ts";
import { implement } from "../implement.ts";
import { MAX_SUBSCRIPTIONS } from "../limits.ts";
import { newId } from "../new-id.ts";
import { admittedAs, isRefused, typeOf } from "../participants.ts";
import { positionBefore } from "../position.ts";
import { shown, subscriptionOf } from "../subscriptions.ts";

export const subscribe = implement("subscribe", async (ctx, { room, member, type: name, from, ...wanted }) => {
  const admitted = await admittedAs(ctx.tables.read(), ctx.act, { room, member, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const type = await typeOf(ctx.tables.read(), admitted.roomId, name);
  if (!type) return ctx.refuse("type-unknown");
  if (wanted.delivery === "PUSH" && admitted.target === null) return ctx.refuse("target-missing");
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ id: string | null; count: number }>(
    `WITH counted AS (SELECT count(*) AS count FROM events.subscription WHERE state <> 'ended'),
       made AS (
         INSERT INTO events.subscription (id, participant, type, delivery, ttl_seconds, fifo, position, made_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM counted WHERE count < $9 ON CONFLICT DO NOTHING RETURNING id)
     SELECT (SELECT id FROM made), count FROM counted`,
    [
      ...[newId(ctx.now), admitted.participantId, type.id, wanted.delivery, wanted.ttlSeconds ?? null, wanted.fifo],
      ...[await positionBefore(sql, type.id, from), ctx.now, MAX_SUBSCRIPTIONS],
    ],
  );
  if (!row?.id) return ctx.refuse((row?.count ?? 0) >= MAX_SUBSCRIPTIONS ? "full" : "taken");
  await tellChange(sql);
  const made = await subscriptionOf(sql, admitted.participantId, name);
  return made ? shown(made) : ctx.refuse("type-unknown");
});
