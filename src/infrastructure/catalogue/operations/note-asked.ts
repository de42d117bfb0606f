import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

export const noteAsked = implement("noteAsked", async (ctx, { node, number, resource, title }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  await sql.execute(
    `INSERT INTO catalogue.asked (node, number, authority, official, resource, title_zh, title_en, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
    [node, number, official.post.authority, official.id, resource, title.zh, title.en, ctx.now],
  );
  return {};
});
