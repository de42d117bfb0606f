import { implement } from "../implement.ts";
import { clientRow, isByConsent } from "../openid/client-rows.ts";
import { giveConsent } from "../openid/consents.ts";

export const consentToClient = implement("consentToClient", async (ctx, { client, scopes }) => {
  const { principal } = ctx.act;
  const row = await clientRow(ctx.tables.read(), client);
  const asked = row?.status === "active" ? row.claims.filter(isByConsent) : [];
  if (asked.length === 0) return ctx.refuse("not-found");
  if (principal.kind !== "person" && principal.kind !== "official") return ctx.refuse("not-found");
  const { kind: holderKind, id: holder } = principal;
  const registered = scopes.filter((scope) => asked.some((claim) => claim.scope === scope));
  await giveConsent(await ctx.tables.write(), { holderKind, holder, client, scopes: registered, at: ctx.now });
  ctx.concerns({ kind: holderKind, id: holder, attributes: registered });
  return { client };
});
