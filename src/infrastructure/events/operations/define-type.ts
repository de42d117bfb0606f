import { compileSchema } from "../event-schema.ts";
import { implement } from "../implement.ts";
import { MAX_TYPES } from "../limits.ts";
import { newId } from "../new-id.ts";
import { isRefused, keptRoom } from "../participants.ts";

export const defineType = implement("defineType", async (ctx, { room, member, type, schema, orderBy, priority }) => {
  const kept = await keptRoom(ctx.tables.read(), ctx.act, { room, member, right: "manage" });
  if (isRefused(kept)) return ctx.refuse(kept);
  const compiled = compileSchema(schema);
  if (!compiled.ok) return ctx.refuse("invalid-schema", { problem: compiled.problem });
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ id: string | null; count: number }>(
    `WITH counted AS (SELECT count(*) AS count FROM events.type WHERE room = $2 AND removed_at IS NULL),
       made AS (
         INSERT INTO events.type (id, room, name, schema, order_by, priority, defined_at)
         SELECT $1, $2, $3, $4, $5, $6, $7 FROM counted WHERE count < $8 ON CONFLICT DO NOTHING RETURNING id)
     SELECT (SELECT id FROM made), count FROM counted`,
    [newId(ctx.now), kept, type, JSON.stringify(schema), orderBy ?? null, priority, ctx.now, MAX_TYPES],
  );
  if (row?.id) return { id: row.id };
  return ctx.refuse((row?.count ?? 0) >= MAX_TYPES ? "full" : "taken");
});
