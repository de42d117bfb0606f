import { arrivalById, arrivalSummary, arrivedItems } from "../arrivals.ts";
import { implement } from "../implement.ts";

export const findArrival = implement("findArrival", async (ctx, { id }) => {
  const sql = ctx.tables.read();
  const found = await arrivalById(sql, id);
  return found ? { ...arrivalSummary(found), items: await arrivedItems(sql, id) } : ctx.refuse("not-found");
});
