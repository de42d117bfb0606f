import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const revokedCertificates = implement("revokedCertificates", async (ctx, { status, after }) => {
  const page = await ctx.registers.certificate.find({ status }, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  const items = page.items.map(({ value: { serial, revokedAt, reason } }) => ({ serial, revokedAt, reason }));
  return { items, next: page.next };
});
