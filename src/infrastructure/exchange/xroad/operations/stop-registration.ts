import { implement } from "../../implement.ts";
import { announceRegistration } from "../in-force.ts";
import { officialOf } from "../official.ts";
import { registrationById } from "../registration.ts";

/** One official is enough: what is stopped comes back by a new registration, which two decide. */
export const stopRegistration = implement("stopRegistration", async (ctx, { id, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const known = await registrationById(sql, id, true);
  if (known?.authority !== official.post.authority) return ctx.refuse("not-found");
  if (known.decision !== "approved" || known.stoppedAt !== null) return ctx.refuse("stopped");
  await sql.execute(
    "UPDATE exchange.registration SET stopped_by = $2, stopped_at = $3, stop_reason = $4 WHERE id = $1",
    [id, official.id, ctx.now, reason],
  );
  await announceRegistration(sql);
  ctx.concerns({ kind: "official", id: known.proposedBy, attributes: [`registration ${id}`, "stopped", known.digest] });
  return {};
});
