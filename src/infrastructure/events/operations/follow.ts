import { tellChange } from "../changed.ts";
import { followedRoomCode } from "../followed.ts";
import { implement } from "../implement.ts";
import { MAX_SUBSCRIPTIONS } from "../limits.ts";
import { newId } from "../new-id.ts";
import { keeps } from "../participants.ts";

/** Written down here; the other node is asked after the commit, for as long as it takes. */
export const follow = implement("follow", async (ctx, { node, room, type, since }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  if (ctx.proofs === undefined || ctx.proofs.self === node) return ctx.refuse("node-unknown");
  const sql = await ctx.tables.write();
  const id = newId(ctx.now);
  const here = followedRoomCode(node, room);
  const [row] = await sql.query<{ id: string | null; count: number }>(
    `WITH counted AS (SELECT count(*) AS count FROM events.followed WHERE state <> 'ended'),
       made AS (
         INSERT INTO events.followed (id, node, room, type, here, since, state, due_at, made_at)
         SELECT $1, $2, $3, $4, $5, $6, 'asked', $7, $7 FROM counted WHERE count < $8 ON CONFLICT DO NOTHING RETURNING id)
     SELECT (SELECT id FROM made), count FROM counted`,
    [id, node, room, type, here, since, ctx.now, MAX_SUBSCRIPTIONS],
  );
  if (!row?.id) return ctx.refuse((row?.count ?? 0) >= MAX_SUBSCRIPTIONS ? "full" : "taken");
  await tellChange(sql);
  return { id, here };
});
