import { implement } from "../../implement.ts";
import { announceRegistration } from "../in-force.ts";
import { officialOf } from "../official.ts";
import { registrationById, registrationInForce } from "../registration.ts";

export const decideRegistration = implement("decideRegistration", async (ctx, { id, decision, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const proposed = await registrationById(sql, id, true);
  if (proposed?.authority !== official.post.authority) return ctx.refuse("not-found");
  if (proposed.decision !== null) return ctx.refuse("decided");
  if (proposed.proposedBy === official.id || proposed.proposedPost === official.post.id)
    return ctx.refuse("own-proposal");
  if (
    decision === "approved" &&
    proposed.kind !== "right" &&
    (await registrationInForce(sql, proposed.kind, proposed.about))
  ) {
    return ctx.refuse("taken");
  }
  await sql.execute(
    `UPDATE exchange.registration SET decision = $2, decided_by = $3, decided_post = $4, decided_at = $5, decision_reason = $6
     WHERE id = $1`,
    [id, decision, official.id, official.post.id, ctx.now, reason],
  );
  if (decision === "approved") await announceRegistration(sql);
  ctx.concerns({
    kind: "official",
    id: proposed.proposedBy,
    attributes: [`registration ${id}`, decision, proposed.digest],
  });
  return {};
});
