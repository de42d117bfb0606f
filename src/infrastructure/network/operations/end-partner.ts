import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { partnerById } from "../partners.ts";

export const endPartner = implement("endPartner", async (ctx, { id }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const partner = await partnerById(sql, id, true);
  if (!partner) return ctx.refuse("not-found");
  if (partner.state !== "confirmed") return ctx.refuse("other-state");
  await sql.execute("UPDATE network.ferry_partner SET state = 'ended', ended_by = $2, ended_at = $3 WHERE id = $1", [
    ...[id, official.id, ctx.now],
  ]);
  return { id };
});
