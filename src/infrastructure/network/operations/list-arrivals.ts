import { arrivalSummary, arrivalsAfter } from "../arrivals.ts";
import { LIST_LENGTH } from "../contract.ts";
import { implement } from "../implement.ts";

export const listArrivals = implement("listArrivals", async (ctx, { after }) => {
  const found = await arrivalsAfter(ctx.tables.read(), {
    ...{ after, limit: LIST_LENGTH },
    shown: (bind) => ctx.listed({ node: "from_node", outcome: "outcome" }, bind),
  });
  const last = found.length === LIST_LENGTH ? found.at(-1)?.id : undefined;
  return { items: found.map(arrivalSummary), ...(last !== undefined && { next: last }) };
});
