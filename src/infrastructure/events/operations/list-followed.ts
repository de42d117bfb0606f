import { MAX_LISTED } from "#infrastructure/events";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";

interface Row {
  readonly id: string;
  readonly node: string;
  readonly room: string;
  readonly type: string;
  readonly here: string;
  readonly state: "asked" | "in-force" | "ending";
  readonly lastError: string | null;
  readonly dueAt: string;
}

export const listFollowed = implement("listFollowed", async (ctx) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const values: unknown[] = [MAX_LISTED];
  const shown = ctx.listed({ room: "here", type: "type" }, (value) => `$${values.push(value)}`);
  const rows = await ctx.tables.read().query<Row>(
    `SELECT id, node, room, type, here, state, last_error AS "lastError", due_at AS "dueAt" FROM events.followed
     WHERE state <> 'ended' AND ${shown} ORDER BY node, room, type LIMIT $1`,
    values,
  );
  return { items: rows.map(({ lastError, ...row }) => ({ ...row, ...(lastError !== null && { lastError }) })) };
});
