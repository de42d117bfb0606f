import { readCopy } from "../copies/copy.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { tendSoon } from "../tending.ts";

export const reconcileCopy = implement("reconcileCopy", async (ctx, { id, thorough }) => {
  if (officialOf(ctx.act) === undefined) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  if ((await readCopy(sql, id, true)) === undefined) return ctx.refuse("unknown-copy");
  await sql.execute(
    `UPDATE datasets.copy SET suspect = true, check_due = check_due OR $2, failures = 0, retry_at = NULL,
       state = CASE WHEN state = 'stopped' THEN 'waiting' ELSE state END WHERE id = $1`,
    [id, thorough],
  );
  await tendSoon(sql);
  return {};
});
