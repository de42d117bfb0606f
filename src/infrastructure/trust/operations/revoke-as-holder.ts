import { logCertificate } from "../certificates/certificate-log.ts";
import { implement } from "../implement.ts";

export const revokeAsHolder = implement("revokeAsHolder", async (ctx, { serial, reason }) => {
  const [found] = (await ctx.registers.certificate.find({ serial }, { limit: 1 })).items;
  const entry = found && (await ctx.registers.certificate.lock(found.key));
  if (entry?.value.subjectKind !== "node") return ctx.refuse("not-found");
  if (entry.value.status === "revoked") return ctx.refuse("already-revoked");
  const { fingerprint, issuerKeyId } = entry.value;
  await ctx.registers.certificate.put(
    { ...entry.value, status: "revoked", revokedAt: ctx.now, reason, explanation: "ACME" },
    { key: entry.key },
  );
  if (fingerprint !== undefined)
    await logCertificate(ctx, "certificate-revoked", { fingerprint, serial, issuerKeyId, reason });
  return {};
});
