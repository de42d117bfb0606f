import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const revokedCertificates = implement("revokedCertificates", async (ctx, asked) => {
  const { status, issuer, subjectKind, after } = asked;
  const where = {
    status,
    ...(issuer !== undefined && { issuerKeyId: issuer }),
    ...(subjectKind !== undefined && { subjectKind }),
  };
  const page = await ctx.registers.certificate.find(where, { limit: LIST_LENGTH_MAX, ...(after && { after }) });
  const items = page.items.map(({ value: { serial, fingerprint, revokedAt, reason, issuerKeyId } }) => ({
    ...{ serial, revokedAt, reason, issuerKeyId },
    ...(fingerprint !== undefined && { fingerprint }),
  }));
  return { items, next: page.next };
});
