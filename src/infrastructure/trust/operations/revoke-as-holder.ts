import { logCertificate } from "../certificates/certificate-log.ts";
import { implement } from "../implement.ts";

type Ending = Parameters<Parameters<typeof implement<"revokeAsHolder">>[1]>[0];
type Found = { readonly serial: string } | { readonly fingerprint: string };

export const revokeAsHolder = implement("revokeAsHolder", async (ctx, { serial, reason }) => {
  const outcome = await revoke(ctx, { serial }, { reason, explanation: "ACME" });
  return outcome === "revoked" ? {} : ctx.refuse(outcome);
});

/** Of those that this node did not issue nothing is known here: that they are struck from the directory counts. */
export const revokeLostCertificates = implement("revokeLostCertificates", async (ctx, { fingerprints }) => {
  let revoked = 0;
  const end = { reason: "key-compromise", explanation: "节点目录通知 / a notice of its node" } as const;
  for (const fingerprint of fingerprints) {
    if ((await revoke(ctx, { fingerprint }, end)) === "revoked") revoked += 1;
  }
  return { revoked };
});

async function revoke(
  ctx: Pick<Ending, "registers" | "tables" | "now" | "record">,
  which: Found,
  end: { readonly reason: "key-compromise" | "superseded" | "cessation"; readonly explanation: string },
): Promise<"revoked" | "not-found" | "already-revoked"> {
  const [found] = (await ctx.registers.certificate.find(which, { limit: 1 })).items;
  const entry = found && (await ctx.registers.certificate.lock(found.key));
  if (entry?.value.subjectKind !== "node") return "not-found";
  if (entry.value.status === "revoked") return "already-revoked";
  const { fingerprint, issuerKeyId, serial } = entry.value;
  await ctx.registers.certificate.put(
    { ...entry.value, status: "revoked", revokedAt: ctx.now, ...end },
    { key: entry.key },
  );
  if (fingerprint !== undefined)
    await logCertificate(ctx, "certificate-revoked", { fingerprint, serial, issuerKeyId, reason: end.reason });
  return "revoked";
}
