import { readX509 } from "#lib/x509/certificate";
import { fingerprintOf, fromPem } from "../certificates/authority-files.ts";
import { isLogged, logCertificate } from "../certificates/certificate-log.ts";
import { monthOf } from "../certificates/validity.ts";
import { implement } from "../implement.ts";

const BATCH = 100;

export const logEarlierCertificates = implement("logEarlierCertificates", async (ctx) => {
  const sql = await ctx.tables.write();
  const rows = await sql.query<{ readonly key: string }>(
    "SELECT key FROM trust.unlogged_certificate ORDER BY key LIMIT $1 FOR UPDATE SKIP LOCKED",
    [BATCH],
  );
  for (const { key } of rows) {
    const entry = await ctx.registers.certificate.lock(key);
    if (entry === undefined) continue;
    const certificate = readX509(fromPem(entry.value.pem));
    const fingerprint = fingerprintOf(certificate.der);
    const { serial, authorityKeyId: issuerKeyId } = certificate;
    // Without the issuer's key: by its absence those from before are told apart.
    const endsIn = monthOf(certificate.notAfterMs);
    await ctx.registers.certificate.put({ ...entry.value, fingerprint, endsIn }, { key });
    if (!(await isLogged(sql, fingerprint)))
      await logCertificate(ctx, "certificate-issued", { fingerprint, serial, issuerKeyId });
  }
  await sql.execute("DELETE FROM trust.unlogged_certificate WHERE key = ANY($1::uuid[])", [rows.map(({ key }) => key)]);
  return { logged: rows.length };
});
