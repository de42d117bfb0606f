import { arrivalSummary, arrivalsAfter } from "../arrivals.ts";
import { LIST_LENGTH } from "../contract.ts";
import { implement } from "../implement.ts";

export const listArrivals = implement("listArrivals", async (ctx, { after }) => {
  const found = await arrivalsAfter(ctx.tables.read(), after, LIST_LENGTH);
  const last = found.length === LIST_LENGTH ? found.at(-1)?.id : undefined;
  return { items: found.map(arrivalSummary), ...(last !== undefined && { next: last }) };
});
