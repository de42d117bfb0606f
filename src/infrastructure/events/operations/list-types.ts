import { MAX_LISTED } from "#infrastructure/events";
import { implement } from "../implement.ts";
import { isRefused, keptRoom } from "../participants.ts";

interface TypeRow {
  readonly type: string;
  readonly schema: object;
  readonly orderBy: string | null;
  readonly priority: "urgent" | "normal" | "bulk";
}

export const listTypes = implement("listTypes", async (ctx, { room, member, type }) => {
  const sql = ctx.tables.read();
  const kept = await keptRoom(sql, ctx.act, { room, member, right: "any" });
  if (isRefused(kept)) return ctx.refuse(kept);
  const values: unknown[] = [kept, type ?? null, MAX_LISTED];
  const of = { room: "(SELECT r.code FROM events.room r WHERE r.id = room)", type: "name" };
  const shown = ctx.listed(of, (value) => `$${values.push(value)}`);
  const rows = await sql.query<TypeRow>(
    `SELECT name AS type, schema, order_by AS "orderBy", priority FROM events.type
     WHERE room = $1 AND removed_at IS NULL AND ($2::text IS NULL OR name = $2) AND ${shown} ORDER BY name LIMIT $3`,
    values,
  );
  return { items: rows.map(({ orderBy, ...row }) => ({ ...row, ...(orderBy !== null && { orderBy }) })) };
});
