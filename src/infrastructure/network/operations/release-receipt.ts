import { arrivalById } from "../arrivals.ts";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";

/** Out of the intranet a receipt is an export: one official asks, another reviews and releases. Elsewhere one releases it. */
export const releaseReceipt = implement("releaseReceipt", async (ctx, { id }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const sql = await ctx.tables.write();
  const arrival = await arrivalById(sql, id, true);
  if (arrival?.receipt == null) return ctx.refuse("not-found");
  if (arrival.receiptReleasedBy !== null) return { id, receipt: arrival.receipt };
  if (ctx.act.zone === "intranet" && arrival.receiptAskedBy === null) {
    await sql.execute("UPDATE network.ferry_arrival SET receipt_asked_by = $2 WHERE id = $1", [id, official.id]);
    return { id };
  }
  if (arrival.receiptAskedBy === official.id) return ctx.refuse("own");
  await sql.execute(
    "UPDATE network.ferry_arrival SET receipt_released_by = $2, receipt_released_at = $3 WHERE id = $1",
    [id, official.id, ctx.now],
  );
  await ctx.record({
    type: "export",
    operation: "ferry-receipt-released",
    detail: { package: arrival.package, to: arrival.from, sequence: arrival.sequence, outcome: arrival.outcome },
  });
  return { id, receipt: arrival.receipt };
});
