import { randomUuid } from "#kernel/random";
import { implement } from "../../implement.ts";
import { pinnedCertificate } from "../certificate.ts";
import { officialOf } from "../official.ts";
import { insertRegistration, isTaken, registrationInForce } from "../registration.ts";

export const proposeCertificate = implement("proposeCertificate", async (ctx, { client, certificate: pem, reason }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const certificate = pinnedCertificate(pem, ctx.now);
  if (!certificate) return ctx.refuse("bad-certificate");
  const sql = await ctx.tables.write();
  const system = await registrationInForce(sql, "system", client);
  if (system?.authority !== official.post.authority) return ctx.refuse("unknown-system");
  if (await isTaken(sql, "certificate", certificate.fingerprint)) return ctx.refuse("taken");
  const id = randomUuid(Date.parse(ctx.now));
  const digest = await insertRegistration(sql, {
    ...{ id, kind: "certificate", authority: system.authority, about: certificate.fingerprint, reason },
    ...{ by: official.id, post: official.post.id, at: ctx.now },
    content: { client, certificate: certificate.pem, fingerprint: certificate.fingerprint },
  });
  ctx.concerns({ kind: "official", id: official.id, attributes: [`registration ${id}`, digest] });
  return { id };
});
