import { logCertificate } from "../certificates/certificate-log.ts";
import { implement } from "../implement.ts";

export const reinstateCertificate = implement("reinstateCertificate", async (ctx, { serial, explanation }) => {
  const [found] = (await ctx.registers.certificate.find({ serial }, { limit: 1 })).items;
  if (!found) return ctx.refuse("not-found");
  const entry = await ctx.registers.certificate.lock(found.key);
  if (!entry) return ctx.refuse("not-found");
  if (entry.value.status !== "suspended") return ctx.refuse("not-suspended");
  const { subjectKind: kind, subjectId: id } = entry.value;
  if (kind === "person" || kind === "official") ctx.concerns({ kind, id, attributes: ["certificate"] });
  const { revokedAt: _at, reason: _reason, ...kept } = entry.value;
  await ctx.registers.certificate.put({ ...kept, status: "reinstated", explanation }, { key: entry.key });
  const { fingerprint, issuerKeyId } = kept;
  if (fingerprint !== undefined)
    await logCertificate(ctx, "certificate-reinstated", { fingerprint, serial, issuerKeyId });
  return { serial };
});
