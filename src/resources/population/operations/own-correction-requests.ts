import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const ownCorrectionRequests = implement("ownCorrectionRequests", async (ctx) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person") return { items: [] };
  const page = await ctx.registers.correctionRequest.find({ person: principal.id }, { limit: LIST_LENGTH_MAX });
  return { items: page.items.map(({ key, value, recordedFrom }) => ({ id: key, ...value, recordedAt: recordedFrom })) };
});
