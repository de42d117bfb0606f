import { directionOf, ZONES } from "../crossing.ts";
import { implement } from "../implement.ts";
import { nameOf, officialOf } from "../official.ts";
import { packageById } from "../packages.ts";
import { confirmedPartner } from "../partners.ts";
import { signRelease } from "../release.ts";

/** The second official releases a package, and with it gives it its place in the order, or sends it back for good. */
export const decidePackage = implement("decidePackage", async (ctx, { id, decision, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  if (decision === "refused" && reason === undefined) return ctx.refuse("reason-missing");
  const name = await nameOf(ctx.rooms, official.id);
  const sql = await ctx.tables.write();
  const packed = await packageById(sql, id, true);
  if (!packed) return ctx.refuse("not-found");
  if (packed.state !== "proposed" || packed.digest === null) return ctx.refuse("other-state");
  if (packed.proposedBy === official.id) return ctx.refuse("own");
  const decided = [id, official.id, ctx.now, reason ?? null];
  if (decision === "refused") {
    await sql.execute(
      `UPDATE network.ferry_package SET state = 'refused', released_by = $2, released_at = $3, decision_reason = $4
       WHERE id = $1`,
      decided,
    );
    return { id };
  }
  const partner = await confirmedPartner(sql, packed.node, true);
  if (!partner) return ctx.refuse("other-state");
  const { zone } = partner.card;
  if (directionOf(ctx.act.zone, zone) !== "inward" && !partner.outward)
    return ctx.refuse("direction", { zone: ZONES[zone][ctx.act.language] });
  const sequence = partner.sent + 1;
  const said = { package: id, manifest: packed.digest, at: ctx.now, sequence, previous: partner.sentDigest };
  const release = await signRelease("releases", said, { id: official.id, name });
  await sql.execute(
    `UPDATE network.ferry_package SET state = 'released', released_by = $2, released_at = $3, decision_reason = $4,
       sequence = $5, previous = $6, release = $7 WHERE id = $1`,
    [...decided, sequence, partner.sentDigest, release],
  );
  await sql.execute("UPDATE network.ferry_partner SET sent = $2, sent_digest = $3 WHERE id = $1", [
    ...[partner.id, sequence, packed.digest],
  ]);
  return { id, sequence };
});
