import { implement } from "../implement.ts";

/**
 * Ends a certificate. Where it is not made yet, the end is kept for it: the messages that end and make it may come in either
 * order.
 */
export const endCertificate = implement("endCertificate", async (ctx, { licenceNumber, how }) => {
  const { licenceCertificate, earlyEnd } = ctx.registers;
  const { principal } = ctx.act;
  // Who makes it at this moment waits here, or is waited for.
  await ctx.nextNumber(`certificate/${licenceNumber}`);
  const [found] = (await licenceCertificate.find({ number: licenceNumber }, { limit: 1 })).items;
  if (!found) {
    const room = principal.kind === "node" ? principal.room : "";
    const [early] = (await earlyEnd.find({ number: licenceNumber }, { limit: 1 })).items;
    if (early) return { licenceNumber, status: early.value.how };
    await earlyEnd.put({ number: licenceNumber, how, on: ctx.today, room });
    return { licenceNumber, status: how };
  }
  if (principal.kind !== "node" || principal.room !== found.value.room) return ctx.refuse("not-yours");
  const entry = (await licenceCertificate.lock(found.key)) ?? found;
  // The first end stands: a licence that was revoked does not become a deregistered one.
  if (entry.value.status !== "valid") return { licenceNumber, status: entry.value.status };
  await licenceCertificate.put({ ...entry.value, status: how, endedOn: ctx.today }, { key: entry.key });
  return { licenceNumber, status: how };
});
