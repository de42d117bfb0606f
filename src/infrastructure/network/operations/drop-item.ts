import { implement } from "../implement.ts";
import { packageById } from "../packages.ts";

export const dropItem = implement("dropItem", async (ctx, { package: from, place }) => {
  const sql = await ctx.tables.write();
  const packed = await packageById(sql, from, true);
  if (!packed) return ctx.refuse("not-found");
  if (packed.state !== "draft") return ctx.refuse("other-state");
  const dropped = await sql.execute("DELETE FROM network.ferry_item WHERE package = $1 AND place = $2", [from, place]);
  return dropped === 0 ? ctx.refuse("not-found") : { id: from };
});
