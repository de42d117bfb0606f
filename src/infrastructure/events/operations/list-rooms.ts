import { MAX_LISTED } from "#infrastructure/events";
import { implement } from "../implement.ts";
import { keeps } from "../participants.ts";

interface RoomRow {
  readonly room: string;
  readonly title: string;
  readonly contract: string | null;
  readonly retentionDays: number;
  readonly types: readonly string[];
  readonly participants: readonly {
    readonly member: string;
    readonly mayPublish: boolean;
    readonly maySubscribe: boolean;
    readonly mayManage: boolean;
    readonly target: string | null;
  }[];
}

export const listRooms = implement("listRooms", async (ctx) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const values: unknown[] = [MAX_LISTED];
  const shown = ctx.listed({ room: "r.code" }, (value) => `$${values.push(value)}`);
  const rows = await ctx.tables.read().query<RoomRow>(
    `SELECT r.code AS room, r.title, r.contract, r.retention_days AS "retentionDays",
       ARRAY(SELECT t.name FROM events.type t WHERE t.room = r.id AND t.removed_at IS NULL ORDER BY t.name LIMIT $1) AS types,
       coalesce((SELECT json_agg(json_build_object('member', p.member, 'mayPublish', p.may_publish, 'maySubscribe', p.may_subscribe,
         'mayManage', p.may_manage, 'target', p.target) ORDER BY p.member)
         FROM (SELECT * FROM events.participant p WHERE p.room = r.id AND p.dismissed_at IS NULL ORDER BY p.member LIMIT $1) p),
         '[]') AS participants
     FROM events.room r WHERE ${shown} ORDER BY r.code LIMIT $1`,
    values,
  );
  return {
    items: rows.map(({ contract, participants, ...row }) => ({
      ...row,
      types: [...row.types],
      ...(contract !== null && { contract }),
      participants: participants.map(({ target, ...each }) => ({ ...each, ...(target !== null && { target }) })),
    })),
  };
});
