import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const listCorrectionRequests = implement("listCorrectionRequests", async (ctx, { after }) => {
  const options = { limit: LIST_LENGTH_MAX, ...(after && { after }) };
  const page = await ctx.registers.correctionRequest.find({ status: "open" }, options);
  const items = [];
  for (const { key, value, recordedFrom } of page.items) {
    const person = await ctx.registers.person.get(value.person);
    items.push({ id: key, ...value, personName: person?.value.name ?? "", recordedAt: recordedFrom });
  }
  return { items, next: page.next };
});
