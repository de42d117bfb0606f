import { implement } from "../implement.ts";
import { ownCertificate } from "../own.ts";

export const download = implement("download", async (ctx, { licenceNumber, what }) => {
  const own = await ownCertificate(ctx.registers, ctx.act, licenceNumber);
  if (!own) return ctx.refuse("not-found");
  if (what === "credential") return { what, token: own.credential, fileName: `${own.number}.sd-jwt` };
  const digest = what === "original" ? own.originalDigest : own.duplicateDigest;
  return { what, digest, fileName: `${own.number}-${what === "original" ? "正本" : "副本"}.pdf` };
});
