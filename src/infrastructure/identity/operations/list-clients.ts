import { text } from "#lib/language/text";
import { implement } from "../implement.ts";
import { clientRows } from "../openid/client-rows.ts";

export const listClients = implement("listClients", async (ctx) => {
  const rows = await clientRows(ctx.tables.read());
  return {
    items: rows.map((row) => ({
      id: row.id,
      name: text(row.nameZh, row.nameEn),
      authority: row.authority,
      purpose: text(row.purposeZh, row.purposeEn),
      legalBasis: [...row.legalBasis],
      audience: row.audience,
      claims: row.claims.map(({ scope, purposeZh, purposeEn, legalBasis }) => {
        return { scope, purpose: text(purposeZh, purposeEn), legalBasis: [...legalBasis] };
      }),
      sector: row.sector,
      redirectUris: [...row.redirectUris],
      authMethod: row.authMethod,
      hasSecret: row.secretDigest !== null,
      status: row.status,
      registeredAt: row.registeredAt,
    })),
  };
});
