import type { Sql } from "#kernel/database/sql";
import { isLogged } from "../certificates/certificate-log.ts";
import { implement } from "../implement.ts";

export const findCertificate = implement("findCertificate", async (ctx, { serial, fingerprint }) => {
  const [entry] = (await ctx.registers.certificate.find({ serial }, { limit: 1 })).items;
  if (!entry) return ctx.refuse("not-found");
  if (fingerprint !== undefined && !(await isTheLoggedOne(ctx.tables.read(), entry.value, fingerprint)))
    return ctx.refuse("not-found");
  const { subjectKind, name, use, notBefore, notAfter, status, revokedAt, reason, issuerKeyId } = entry.value;
  const personal = subjectKind === "person" || subjectKind === "official";
  return {
    serial,
    subjectKind,
    use,
    ...(!personal && { name }),
    notBefore,
    notAfter,
    status: status === "revoked" || status === "suspended" ? ("revoked" as const) : ("valid" as const),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(reason !== undefined && { reason }),
    ...(issuerKeyId !== undefined && { issuerKeyId }),
  };
});

async function isTheLoggedOne(
  sql: Sql,
  registered: { readonly fingerprint?: string | undefined },
  fingerprint: string,
): Promise<boolean> {
  return registered.fingerprint === fingerprint && (await isLogged(sql, fingerprint));
}
