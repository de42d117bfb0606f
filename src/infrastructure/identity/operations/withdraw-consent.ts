import { implement } from "../implement.ts";
import { dropConsent } from "../openid/consents.ts";

export const withdrawConsent = implement("withdrawConsent", async (ctx, { client }) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person" && principal.kind !== "official") return { client };
  if (await dropConsent(await ctx.tables.write(), principal.id, client))
    ctx.concerns({ kind: principal.kind, id: principal.id, attributes: ["consent-withdrawn"] });
  return { client };
});
