import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { tendSoon } from "../tending.ts";

export const recount = implement("recount", async (ctx, { register }) => {
  if (officialOf(ctx.act) === undefined) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const due = await sql.execute("UPDATE datasets.publication SET recount_due = true WHERE register = $1", [register]);
  if (due === 0) return ctx.refuse("not-published");
  await tendSoon(sql);
  return {};
});
