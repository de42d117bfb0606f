import { quality } from "#systems/quality";
import { implement } from "../implement.ts";
import type { FoodLicence } from "../licence.ts";
import { END_GROUNDS, type EndGround, LICENCE_ENDS, type LicenceEnd } from "../licence-ends.ts";
import { tellChange } from "../tell-change.ts";

/** Years without a new application after fraud (行政许可法 §79). */
const FRAUD_BAR_YEARS = 3;
/** The notice that tells the holder, by how the licence ends. */
const NOTICES = {
  revoked: "revocation",
  withdrawn: "withdrawal",
  annulled: "annulment",
  deregistered: "deregistration",
} as const satisfies Record<LicenceEnd, string>;

/** Ends a licence: on the register with its ground and reasons, told to its holder in writing, published. */
export const endLicence = implement("endLicence", async (ctx, { number, ground, reason, penaltyDecision }) => {
  const found = (await ctx.registers.foodLicence.find({ number: number.toUpperCase() }, { limit: 1 })).items[0];
  if (!found) return ctx.refuse("not-found");
  const { principal } = ctx.act;
  // 行政许可法 §69: the authority that decided. One above it, which may revoke too, does so through that authority here.
  if (principal.kind !== "official" || principal.post.authority !== found.value.authority) {
    return ctx.refuse("not-yours");
  }
  const held = await ctx.registers.foodLicence.lock(found.key);
  const licence = held?.value;
  const unfit = licence ? unfitFor(licence, ground, ctx.today) : "not-valid";
  if (!licence || unfit) return ctx.refuse(unfit ?? "not-valid", { day: licence?.validUntil ?? "" });
  const { how, words, article } = END_GROUNDS[ground];
  const penalty = penaltyDecision && how === "annulled" ? { penaltyDecision } : {};
  const ending = { how, ground, reason, ...penalty, on: ctx.today };
  const ended = { ...licence, status: how, endings: [...(licence.endings ?? []), ending] };
  await ctx.registers.foodLicence.put(ended, { key: found.key });
  await tellChange(ctx, ended, "ended");
  if (ground === "fraud") {
    await ctx.registers.bar.put({
      applicantId: licence.holderId,
      ground: "fraud",
      until: Temporal.PlainDate.from(ctx.today).add({ years: FRAUD_BAR_YEARS }).toString(),
    });
  }
  const granted = await ctx.cases.read(licence.caseId);
  if (granted) {
    await ctx.cases.notify({
      caseId: licence.caseId,
      kind: NOTICES[how],
      once: `ending/${licence.number}/${how}`,
      details: {
        licenceNumber: licence.number,
        ground,
        words: words.zh,
        article,
        reason,
        endedOn: ctx.today,
        ...penalty,
      },
    });
  }
  await ctx.rooms.certificates.endCertificate({ licenceNumber: licence.number, how });
  const { title } = quality.services.foodBusinessLicence;
  const isOrganization = licence.holderKind === "organization";
  await ctx.rooms.disclosure.publishEnding({
    caseId: licence.caseId,
    caseNumber: granted?.number ?? licence.number,
    item: title.zh,
    decision: "grant",
    party: isOrganization ? licence.holderName : "",
    partyCode: isOrganization ? licence.holderCode : "",
    licenceNumber: licence.number,
    validFrom: licence.validFrom,
    validUntil: licence.validUntil,
    content: licence.scope.join("、"),
    decidedOn: licence.issuedOn,
    authority: licence.authority,
    ended: how,
    endedOn: ctx.today,
    endedWhy: `${LICENCE_ENDS[how].zh}：${words.zh}（${article}）`,
  });
  return { number: licence.number, status: how };
});

/** Why a licence cannot end on this ground as it stands. */
function unfitFor(licence: FoodLicence, ground: EndGround, today: string) {
  if (ground === "ended-before") {
    const wasEnded = licence.status !== "valid" && licence.status !== "deregistered";
    return wasEnded ? undefined : licence.status === "valid" ? "not-ended" : "not-valid";
  }
  if (licence.status !== "valid") return "not-valid";
  return ground === "expired" && licence.validUntil >= today ? "not-expired" : undefined;
}
