import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { noteHolder } from "../official.ts";

export const listCertificateRequests = implement("listCertificateRequests", async (ctx, { status, after }) => {
  const page = await ctx.registers.enrolment.find(
    { ...(status !== undefined && { status }) },
    { limit: LIST_LENGTH_MAX, ...(after !== undefined && { after }) },
  );
  const items = page.items.map(({ key: id, value: { request: _, ...shown } }) => {
    noteHolder(ctx, shown);
    return { ...shown, id };
  });
  return { items, next: page.next };
});
