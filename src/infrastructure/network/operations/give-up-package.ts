import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { packageById } from "../packages.ts";
import { confirmedPartner } from "../partners.ts";

/**
 * Gives up a package that the other side refused. Numbers have no gaps there, and each release names the package before: so its number goes to
 * the next, and whatever was released behind it is released anew, by an official who has looked at it again.
 */
export const giveUpPackage = implement("giveUpPackage", async (ctx, { id }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const packed = await packageById(sql, id, true);
  if (!packed) return ctx.refuse("not-found");
  const partner = await confirmedPartner(sql, packed.node, true);
  const isRefused = packed.state === "answered" && packed.outcome !== "accepted";
  if (!isRefused || packed.sequence === null || !partner) return ctx.refuse("other-state");
  const back = await sql.execute(
    `UPDATE network.ferry_package p SET state = 'proposed', released_by = NULL, released_at = NULL, release = NULL, sequence = NULL,
       previous = NULL, exported_at = NULL, answered_at = NULL, outcome = NULL
     FROM network.ferry_partner t WHERE t.id = p.partner AND t.node = $1 AND p.sequence > $2`,
    [packed.node, packed.sequence],
  );
  await sql.execute(
    `WITH given_up AS (
       UPDATE network.ferry_package SET state = 'refused', decision_reason = $2, sequence = NULL, outcome = NULL WHERE id = $1
       RETURNING previous)
     UPDATE network.ferry_partner SET sent = $4, sent_digest = (SELECT previous FROM given_up) WHERE id = $3`,
    [id, `${packed.outcome} #${packed.sequence}`, partner.id, packed.sequence - 1],
  );
  await ctx.record({
    type: "act",
    operation: "ferry-package-given-up",
    detail: { package: id, to: packed.node, sequence: packed.sequence, outcome: packed.outcome, by: official.id },
  });
  return { id, again: back };
});
