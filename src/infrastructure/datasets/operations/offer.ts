import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { kernelOf } from "../ports.ts";

export const offer = implement("offer", async (ctx, { register, node, division, attributes, basis, endsOn }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  const { registers, elsewhere } = kernelOf(ctx);
  const store = registers.get(register);
  const [published] = await ctx.tables
    .read()
    .query<{ division_attribute: string | null }>(
      "SELECT division_attribute FROM datasets.publication WHERE register = $1",
      [register],
    );
  if (store === undefined || published === undefined) return ctx.refuse("not-published");
  const known = new Set(store.shape.attributes.map(({ name }) => name));
  const attribute = attributes.find((name) => !known.has(name));
  if (attribute !== undefined) return ctx.refuse("unknown-attribute", { attribute });
  if (division !== "" && published.division_attribute === null) return ctx.refuse("undivided");
  if (endsOn < ctx.today) return ctx.refuse("past");
  if (elsewhere?.routes.standsInLine(node) !== true) return ctx.refuse("not-in-line");
  const sql = await ctx.tables.write();
  const made = await sql.execute(
    `INSERT INTO datasets.offer (register, node, division, attributes, basis, ends_on, offered_by, offered_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (register, node) WHERE ended_at IS NULL DO NOTHING`,
    [register, node, division, [...new Set(attributes)], JSON.stringify(basis), endsOn, official, ctx.now],
  );
  return made === 0 ? ctx.refuse("offered") : {};
});
