import { implement } from "../implement.ts";
import { MAX_ROOMS } from "../limits.ts";
import { newId } from "../new-id.ts";
import { keeps } from "../participants.ts";

export const openRoom = implement("openRoom", async (ctx, { room, title, retentionDays }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ id: string | null; count: number }>(
    `WITH counted AS (SELECT count(*) AS count FROM events.room),
       made AS (INSERT INTO events.room (id, code, title, retention_days, opened_at)
         SELECT $1, $2, $3, $4, $5 FROM counted WHERE count < $6 ON CONFLICT (code) DO NOTHING RETURNING id)
     SELECT (SELECT id FROM made), count FROM counted`,
    [newId(ctx.now), room, title, retentionDays, ctx.now, MAX_ROOMS],
  );
  if (row?.id) return { id: row.id };
  return ctx.refuse((row?.count ?? 0) >= MAX_ROOMS ? "full" : "taken");
});
