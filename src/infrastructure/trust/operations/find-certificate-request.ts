import { sha256Hex } from "#lib/crypto/digest";
import { fromPem } from "../certificates/authority-files.ts";
import { chainOf, requestOf } from "../certificates/enrolment.ts";
import { implement } from "../implement.ts";
import { noteHolder } from "../official.ts";

export const findCertificateRequest = implement("findCertificateRequest", async (ctx, { id }) => {
  const entry = await ctx.registers.enrolment.get(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { request, ...shown } = entry.value;
  noteHolder(ctx, shown);
  const read = requestOf(request);
  const keyFingerprint = typeof read === "string" ? "" : sha256Hex(read.publicKeyInfo);
  const { serial } = shown;
  const [certificate] =
    serial === undefined ? [] : (await ctx.registers.certificate.find({ serial }, { limit: 1 })).items;
  return { ...shown, id, keyFingerprint, ...(certificate && { chain: chainOf(fromPem(certificate.value.pem)) }) };
});
