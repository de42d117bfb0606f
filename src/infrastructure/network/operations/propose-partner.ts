import { randomUuid } from "#kernel/random";
import { readCard } from "../card.ts";
import { directionOf } from "../crossing.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

export const proposePartner = implement("proposePartner", async (ctx, { card: written, outward, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const card = readCard(written);
  if (card === undefined) return ctx.refuse("card-unreadable");
  if (directionOf(ctx.act.zone, card.zone) === undefined) return ctx.refuse("same-zone");
  const id = randomUuid(Date.parse(ctx.now));
  const sql = await ctx.tables.write();
  await sql.execute(
    `INSERT INTO network.ferry_partner (id, node, zone, card, fingerprint, outward, reason, state, proposed_by, proposed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'proposed', $8, $9)`,
    [id, card.node, card.zone, card.text, card.fingerprint, outward, reason, official.id, ctx.now],
  );
  return { id, fingerprint: card.fingerprint };
});
