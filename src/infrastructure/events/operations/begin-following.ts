import { tellChange } from "../changed.ts";
import { implement } from "../implement.ts";
import { MAX_SUBSCRIPTIONS } from "../limits.ts";
import { newId } from "../new-id.ts";
import { admittedAs, isRefused } from "../participants.ts";
import { positionBefore } from "../position.ts";

/**
 * Another node has a type sent to itself, as the member `node:<code>` that an official admitted, and is told what it looks like. Asked
 * again it is told again, and nothing is sent twice.
 */
export const beginFollowing = implement("beginFollowing", async (ctx, { room, type: name, since }) => {
  const { origin } = ctx.act;
  if (origin === undefined || origin.client !== undefined) return ctx.refuse("not-admitted");
  const read = ctx.tables.read();
  const admitted = await admittedAs(read, ctx.act, { room, member: `node:${origin.node}`, right: "subscribe" });
  if (isRefused(admitted)) return ctx.refuse(admitted);
  const [type] = await read.query<{
    id: string;
    title: string;
    schema: object;
    orderBy: string | null;
    priority: "urgent" | "normal" | "bulk";
  }>(
    `SELECT t.id, r.title, t.schema, t.order_by AS "orderBy", t.priority FROM events.type t JOIN events.room r ON r.id = t.room
     WHERE r.id = $1 AND t.name = $2 AND t.removed_at IS NULL`,
    [admitted.roomId, name],
  );
  if (!type) return ctx.refuse("type-unknown");
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ count: number; made: number; known: number }>(
    `WITH counted AS (SELECT count(*) AS count, count(*) FILTER (WHERE participant = $2 AND type = $3) AS known
         FROM events.subscription WHERE state <> 'ended'),
       made AS (
         INSERT INTO events.subscription (id, participant, type, delivery, fifo, position, made_at)
         SELECT $1, $2, $3, 'PUSH', false, $4, $5 FROM counted WHERE count < $6 ON CONFLICT DO NOTHING RETURNING id)
     SELECT count, known, (SELECT count(*) FROM made) AS made FROM counted`,
    [
      ...[newId(ctx.now), admitted.participantId, type.id, await positionBefore(sql, type.id, since), ctx.now],
      MAX_SUBSCRIPTIONS,
    ],
  );
  if (row && row.made + row.known === 0 && row.count >= MAX_SUBSCRIPTIONS) return ctx.refuse("full");
  await tellChange(sql);
  const { title, schema, orderBy, priority } = type;
  return { title, schema, priority, ...(orderBy !== null && { orderBy }) };
});
