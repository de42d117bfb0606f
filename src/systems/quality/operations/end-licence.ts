import { implement } from "../implement.ts";

/** Years without a new application after fraud (行政许可法 §79). */
const FRAUD_BAR_YEARS = 3;

export const endLicence = implement("endLicence", async (ctx, { number, how, fraud }) => {
  const found = (await ctx.registers.foodLicence.find({ number: number.toUpperCase() }, { limit: 1 })).items[0];
  if (!found) return ctx.refuse("not-found");
  const { principal } = ctx.act;
  // 行政许可法 §69: the authority that decided. One above it, which may revoke too, does so through that authority here.
  if (principal.kind !== "official" || principal.post.authority !== found.value.authority) {
    return ctx.refuse("not-yours");
  }
  const held = await ctx.registers.foodLicence.lock(found.key);
  if (held?.value.status !== "valid") return ctx.refuse("not-valid");
  await ctx.registers.foodLicence.put({ ...held.value, status: how }, { key: found.key });
  if (fraud) {
    await ctx.registers.bar.put({
      applicantId: held.value.holderId,
      ground: "fraud",
      until: Temporal.PlainDate.from(ctx.today).add({ years: FRAUD_BAR_YEARS }).toString(),
    });
  }
  await ctx.rooms.certificates.endCertificate({ licenceNumber: held.value.number, how });
  return { number: held.value.number };
});
