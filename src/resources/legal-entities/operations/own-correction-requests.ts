import { LIST_LENGTH_MAX } from "../contract.ts";
import { correctionView } from "../correction-view.ts";
import { implement } from "../implement.ts";

export const ownCorrectionRequests = implement("ownCorrectionRequests", async (ctx) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person") return { items: [] };
  const page = await ctx.registers.correctionRequest.find({ person: principal.id }, { limit: LIST_LENGTH_MAX });
  return { items: await Promise.all(page.items.map((request) => correctionView(ctx.registers, request))) };
});
