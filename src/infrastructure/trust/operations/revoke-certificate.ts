import { logCertificate } from "../certificates/certificate-log.ts";
import { implement } from "../implement.ts";

export const revokeCertificate = implement("revokeCertificate", async (ctx, { serial, reason, explanation }) => {
  const [found] = (await ctx.registers.certificate.find({ serial }, { limit: 1 })).items;
  if (!found) return ctx.refuse("not-found");
  if (found.value.subjectKind === "root" || found.value.subjectKind === "issuer") return ctx.refuse("not-revocable");
  // Held until the act ends: of two that revoke at once, the second finds it revoked.
  const entry = await ctx.registers.certificate.lock(found.key);
  if (!entry) return ctx.refuse("not-found");
  const isSuspension = reason === "suspended";
  // A suspended certificate can still be revoked; suspending it again would change nothing.
  if (entry.value.status === "revoked" || (isSuspension && entry.value.status === "suspended"))
    return ctx.refuse("already-revoked");
  const revokedAt = ctx.now;
  const { subjectKind: kind, subjectId: id } = entry.value;
  if (kind === "person" || kind === "official") ctx.concerns({ kind, id, attributes: ["certificate"] });
  await ctx.registers.certificate.put(
    { ...entry.value, status: isSuspension ? "suspended" : "revoked", revokedAt, reason, explanation },
    { key: entry.key },
  );
  const { fingerprint, issuerKeyId } = entry.value;
  if (fingerprint !== undefined)
    await logCertificate(ctx, "certificate-revoked", { fingerprint, serial, issuerKeyId, reason });
  return { serial, revokedAt };
});
