import { LIST_LENGTH_MAX } from "../contract.ts";
import { correctionView } from "../correction-view.ts";
import { implement } from "../implement.ts";

export const listCorrectionRequests = implement("listCorrectionRequests", async (ctx, { after }) => {
  const options = { limit: LIST_LENGTH_MAX, ...(after && { after }) };
  const page = await ctx.registers.correctionRequest.find({ status: "open" }, options);
  const items = await Promise.all(page.items.map((request) => correctionView(ctx.registers, request)));
  return { items, next: page.next };
});
