import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { kernelOf } from "../ports.ts";
import { tendSoon } from "../tending.ts";

export const publish = implement("publish", async (ctx, { register, divisionAttribute }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  const store = kernelOf(ctx).registers.get(register);
  if (store === undefined) return ctx.refuse("unknown-register");
  const attribute = store.shape.attributes.find(({ name }) => name === divisionAttribute);
  if (divisionAttribute !== undefined && attribute?.sensitive !== false) return ctx.refuse("unfit-attribute");
  const sql = await ctx.tables.write();
  const made = await sql.execute(
    `INSERT INTO datasets.publication (register, division_attribute, published_by, published_at)
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [register, divisionAttribute ?? null, official, ctx.now],
  );
  if (made === 0) return ctx.refuse("published");
  await tendSoon(sql);
  return {};
});
