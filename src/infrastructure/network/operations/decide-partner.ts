import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { partnerById } from "../partners.ts";

/** Confirming a node whose earlier card is in force ends that one: packages go on where they stood. */
export const decidePartner = implement("decidePartner", async (ctx, { id, decision }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const partner = await partnerById(sql, id, true);
  if (!partner) return ctx.refuse("not-found");
  if (partner.state !== "proposed") return ctx.refuse("other-state");
  if (partner.proposedBy === official.id) return ctx.refuse("own");
  if (decision === "confirmed") {
    await sql.execute(
      `WITH former AS (
         UPDATE network.ferry_partner SET state = 'ended', ended_by = $2, ended_at = $3 WHERE node = $4 AND state = 'confirmed'
         RETURNING sent, sent_digest, received, received_digest)
       UPDATE network.ferry_partner SET (sent, sent_digest, received, received_digest) = (SELECT * FROM former)
       WHERE id = $1 AND EXISTS (SELECT FROM former)`,
      [id, official.id, ctx.now, partner.card.node],
    );
  }
  await sql.execute("UPDATE network.ferry_partner SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1", [
    id,
    decision,
    official.id,
    ctx.now,
  ]);
  return { id };
});
