import { commonName, readCertificate } from "#kernel/documents/certificate";
import { unlessTaken } from "#kernel/registers/unless-taken";
import { DerError } from "#lib/asn1/der";
import { fromPem } from "../certificates/hierarchy.ts";
import { implement } from "../implement.ts";

export const recordCertificate = implement("recordCertificate", async (ctx, { pem, subjectKind, subjectId, use }) => {
  const certificate = readOrNothing(pem);
  if (certificate === undefined) return ctx.refuse("unreadable");
  const { serial } = certificate;
  const known = await ctx.registers.certificate.find({ serial }, { limit: 1 });
  if (known.items.length > 0) return { serial };
  const written = ctx.registers.certificate.put({
    serial,
    subjectKind,
    subjectId,
    name: commonName(certificate),
    use,
    notBefore: instant(certificate.notBeforeMs),
    notAfter: instant(certificate.notAfterMs),
    status: "valid",
    pem,
  });
  return (await unlessTaken(written)) === undefined ? ctx.refuse("recorded-meanwhile") : { serial };
});

function readOrNothing(pem: string) {
  try {
    return readCertificate(fromPem(pem));
  } catch (error) {
    if (error instanceof DerError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function instant(milliseconds: number): string {
  return Temporal.Instant.fromEpochMilliseconds(milliseconds).toString();
}
