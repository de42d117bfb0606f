import { implement } from "../implement.ts";

export const endCertificate = implement("endCertificate", async (ctx, { licenceNumber, how }) => {
  const { licenceCertificate } = ctx.registers;
  const [found] = (await licenceCertificate.find({ number: licenceNumber }, { limit: 1 })).items;
  if (!found) return ctx.refuse("not-found");
  const { principal } = ctx.act;
  if (principal.kind !== "node" || principal.room !== found.value.room) return ctx.refuse("not-yours");
  const entry = (await licenceCertificate.lock(found.key)) ?? found;
  // The first end stands: a licence that was revoked does not become a deregistered one.
  if (entry.value.status !== "valid") return { licenceNumber, status: entry.value.status };
  await licenceCertificate.put({ ...entry.value, status: how, endedOn: ctx.today }, { key: entry.key });
  return { licenceNumber, status: how };
});
