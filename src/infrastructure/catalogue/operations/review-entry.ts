import { codeOf, waitingByNumber } from "../entries.ts";
import { implement } from "../implement.ts";
import { note, officialOf } from "../official.ts";
import { announceChange } from "../policies-in-force.ts";

export const reviewEntry = implement("reviewEntry", async (ctx, { number, decision, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const entry = await waitingByNumber(sql, number);
  if (entry?.authority !== official.post.authority) return ctx.refuse("not-found");
  if (entry.draftedBy === official.id) return ctx.refuse("own-draft");
  await sql.execute(
    `UPDATE catalogue.entry SET decision = $2, reviewed_by = $3, reviewed_at = $4, review_reason = $5 WHERE number = $1`,
    [number, decision, official.id, ctx.now, reason],
  );
  if (decision === "released") await announceChange(sql);
  note(ctx, entry.draftedBy, [`entry ${number}`, decision]);
  return { code: codeOf(entry) };
});
