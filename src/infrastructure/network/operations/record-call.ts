import { implement } from "../implement.ts";

export const recordCall = implement("recordCall", async (ctx, { arrival, place, outcome }) => {
  const sql = await ctx.tables.write();
  const kept = await sql.execute(
    "UPDATE network.ferry_arrived_item SET outcome = $3 WHERE arrival = $1 AND place = $2 AND kind = 'call'",
    [arrival, place, outcome],
  );
  return kept === 0 ? ctx.refuse("not-found") : { id: arrival };
});
