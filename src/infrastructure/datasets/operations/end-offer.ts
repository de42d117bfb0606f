import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

export const endOffer = implement("endOffer", async (ctx, { register, node }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const ended = await sql.execute(
    "UPDATE datasets.offer SET ended_by = $3, ended_at = $4 WHERE register = $1 AND node = $2 AND ended_at IS NULL",
    [register, node, official, ctx.now],
  );
  return ended === 0 ? ctx.refuse("not-offered") : {};
});
