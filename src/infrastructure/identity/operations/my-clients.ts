import { text } from "#lib/language/text";
import { implement } from "../implement.ts";
import { consentsOf } from "../openid/consents.ts";

export const myClients = implement("myClients", async (ctx) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person" && principal.kind !== "official") return { items: [] };
  const consents = await consentsOf(ctx.tables.read(), principal.id);
  return {
    items: consents.map(({ client, nameZh, nameEn, scopes, givenAt }) => ({
      client,
      name: text(nameZh, nameEn),
      scopes: [...scopes],
      givenAt,
    })),
  };
});
