import { readCopy } from "../copies/copy.ts";
import { dropCopyTable } from "../copies/tables.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

/** What ended is erased with it: an agreement that is over is no ground to keep anything. */
export const endCopy = implement("endCopy", async (ctx, { id }) => {
  if (officialOf(ctx.act) === undefined) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  if ((await readCopy(sql, id, true)) === undefined) return ctx.refuse("unknown-copy");
  await dropCopyTable(sql, id);
  await sql.execute(
    `UPDATE datasets.copy SET state = 'ended', ended_at = $2, seed = '', page_place = NULL, page_key = NULL WHERE id = $1`,
    [id, ctx.now],
  );
  return {};
});
