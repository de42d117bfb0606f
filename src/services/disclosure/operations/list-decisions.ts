import { DISCLOSED_PAGE_LENGTH } from "#services/disclosure";
import { implement } from "../implement.ts";

export const listDecisions = implement("listDecisions", async (ctx, { party, after }) => {
  const page = { limit: DISCLOSED_PAGE_LENGTH, ...(after !== undefined && { after }) };
  const { decision } = ctx.registers;
  const found = party ? await decision.search(party, page) : await decision.find({}, page);
  return {
    items: found.items.map((entry) => ({ ...entry.value, id: entry.key })),
    ...(found.next !== undefined && { next: found.next }),
  };
});
