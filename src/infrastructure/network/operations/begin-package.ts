import { randomUuid } from "#kernel/random";
import { directionOf, ZONES } from "../crossing.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { partnerById } from "../partners.ts";

export const beginPackage = implement("beginPackage", async (ctx, { partner: to, purpose, legalBasis }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const partner = await partnerById(ctx.tables.read(), to);
  if (partner?.state !== "confirmed") return ctx.refuse("not-found");
  const { zone } = partner.card;
  if (directionOf(ctx.act.zone, zone) !== "inward" && !partner.outward)
    return ctx.refuse("direction", { zone: ZONES[zone][ctx.act.language] });
  const id = randomUuid(Date.parse(ctx.now));
  const sql = await ctx.tables.write();
  await sql.execute(
    `INSERT INTO network.ferry_package (id, partner, purpose, legal_basis, state, made_by, made_at)
     VALUES ($1, $2, $3, $4, 'draft', $5, $6)`,
    [id, to, purpose, legalBasis, official.id, ctx.now],
  );
  return { id };
});
