import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const revokedCertificates = implement("revokedCertificates", async (ctx, { status, issuer, after }) => {
  const where = { status, ...(issuer !== undefined && { issuerKeyId: issuer }) };
  const page = await ctx.registers.certificate.find(where, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  const items = page.items.map(({ value: { serial, revokedAt, reason, issuerKeyId } }) => ({
    serial,
    revokedAt,
    reason,
    issuerKeyId,
  }));
  return { items, next: page.next };
});
