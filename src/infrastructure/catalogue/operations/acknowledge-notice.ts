import { implement } from "../implement.ts";
import { note, officialOf } from "../official.ts";

export const acknowledgeNotice = implement("acknowledgeNotice", async (ctx, { id }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const found = await sql.execute(
    "UPDATE catalogue.notice SET read_by = $3, read_at = $4 WHERE id = $1 AND consumer = $2 AND read_at IS NULL",
    [id, official.post.authority, official.id, ctx.now],
  );
  if (found === 0) return ctx.refuse("not-found");
  note(ctx, official.id, [`notice ${id}`]);
  return {};
});
