import { quality } from "#systems/quality";
import { implement } from "../implement.ts";

const PUBLISHED = new Set(["grant", "partial", "refuse"]);

/** Has the decision of a case published: to grant as to refuse, without what belongs to natural persons. */
export const publishDecision = implement("publishDecision", async (ctx, { caseId }) => {
  const decided = await ctx.cases.read(caseId);
  const decision = String(decided?.variables["decision"] ?? "");
  if (!decided || !PUBLISHED.has(decision)) return ctx.refuse("case-unknown");
  const licence = (await ctx.registers.foodLicence.find({ caseId }, { limit: 1 })).items[0]?.value;
  const fact = (id: string) => decided.facts.find((known) => known.id === id)?.value ?? "";
  await ctx.rooms.disclosure.publishDecision({
    caseId,
    caseNumber: decided.number,
    item: quality.services.foodBusinessLicence.title.zh,
    decision: decision as "grant" | "partial" | "refuse",
    party: decided.applicant.kind === "organization" ? fact("applicantName") : "",
    partyCode: decided.applicant.kind === "organization" ? fact("applicantCode") : "",
    ...(licence && {
      licenceNumber: licence.number,
      validFrom: licence.validFrom,
      validUntil: licence.validUntil,
    }),
    content: licence ? licence.scope.join("、") : quality.services.foodBusinessLicence.title.zh,
    decidedOn: ctx.today,
    authority: decided.authority,
  });
  return {};
});
