import { unlessTaken } from "#kernel/registers/unless-taken";
import { DerError } from "#lib/asn1/der";
import { readX509 } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { fingerprintOf, fromPem } from "../certificates/authority-files.ts";
import { logCertificate } from "../certificates/certificate-log.ts";
import { instant, monthOf } from "../certificates/validity.ts";
import { implement } from "../implement.ts";

export const recordCertificate = implement("recordCertificate", async (ctx, { pem, subjectKind, subjectId, use }) => {
  const certificate = readOrNothing(pem);
  if (certificate === undefined) return ctx.refuse("unreadable");
  const { serial } = certificate;
  const fingerprint = fingerprintOf(certificate.der);
  const known = await ctx.registers.certificate.find({ serial }, { limit: 1 });
  if (known.items.length > 0) return { serial };
  const written = ctx.registers.certificate.put({
    serial,
    subjectKind,
    subjectId,
    name: commonNameOf(certificate.subject),
    use,
    notBefore: instant(certificate.notBeforeMs),
    notAfter: instant(certificate.notAfterMs),
    status: "valid",
    pem,
    issuerKeyId: certificate.authorityKeyId,
    fingerprint,
    endsIn: monthOf(certificate.notAfterMs),
  });
  if ((await unlessTaken(written)) === undefined) return ctx.refuse("recorded-meanwhile");
  await logCertificate(ctx, "certificate-issued", { fingerprint, serial, issuerKeyId: certificate.authorityKeyId });
  return { serial };
});

function readOrNothing(pem: string) {
  try {
    return readX509(fromPem(pem));
  } catch (error) {
    if (error instanceof DerError || error instanceof RangeError) return undefined;
    throw error;
  }
}
