import { isRefusal } from "#kernel/contract/refusal";
import { randomOpaqueUuid } from "#kernel/random";
import { implement } from "../implement.ts";
import { readClientForm } from "../openid/client-form.ts";
import { insertClient } from "../openid/client-rows.ts";

const NODE = "00000000-0000-0000-0000-000000000000";

export const registerClient = implement("registerClient", async (ctx, form) => {
  const checked = readClientForm(form);
  if ("issues" in checked) return ctx.refuse("client-wrong", {}, checked.issues);
  const authority = await ctx.rooms.directory.findAuthority({ id: form.authority });
  if (isRefusal(authority)) return ctx.refuse("authority-unknown");
  const { principal } = ctx.act;
  const id = randomOpaqueUuid();
  await insertClient(await ctx.tables.write(), {
    ...checked.read,
    id,
    nameZh: form.name.zh,
    nameEn: form.name.en,
    authority: form.authority,
    purposeZh: form.purpose.zh,
    purposeEn: form.purpose.en,
    audience: form.audience,
    sector: form.sector,
    authMethod: form.authMethod,
    secretDigest: null,
    assurance: Number(form.assurance) as 1 | 2 | 3,
    dpop: form.dpop === "yes",
    status: "active",
    registeredBy: principal.kind === "official" ? principal.id : NODE,
    registeredAt: ctx.now,
  });
  return { id };
});
