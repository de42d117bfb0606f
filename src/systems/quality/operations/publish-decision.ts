import { quality } from "#systems/quality";
import { implement } from "../implement.ts";
import { isSilent } from "../licence.ts";

const PUBLISHED = new Set(["grant", "partial", "refuse"]);
/** What a renewal by silence is called where decisions are published (行政许可法 §50). */
const SILENCE = "期满前未作决定，视为准予延续（行政许可法第五十条）：";

/** Has the decision of a case published: to grant as to refuse, without what belongs to natural persons. */
export const publishDecision = implement("publishDecision", async (ctx, { caseId }) => {
  const decided = await ctx.cases.read(caseId);
  if (!decided) return ctx.refuse("case-unknown");
  const silent = isSilent(decided);
  const decision = silent ? "grant" : String(decided.variables["decision"] ?? "");
  if (!PUBLISHED.has(decision)) return ctx.refuse("case-unknown");
  const licence = (await ctx.registers.foodLicence.find({ caseId }, { limit: 1 })).items[0]?.value;
  const fact = (id: string) => decided.facts.find((known) => known.id === id)?.value ?? "";
  const { title } = quality.services.foodBusinessLicence;
  await ctx.rooms.disclosure.publishDecision({
    caseId,
    caseNumber: decided.number,
    item: title.zh,
    decision: decision as "grant" | "partial" | "refuse",
    party: decided.applicant.kind === "organization" ? fact("applicantName") : "",
    partyCode: decided.applicant.kind === "organization" ? fact("applicantCode") : "",
    ...(licence && {
      licenceNumber: licence.number,
      validFrom: licence.validFrom,
      validUntil: licence.validUntil,
    }),
    content: `${silent ? SILENCE : ""}${licence ? licence.scope.join("、") : title.zh}`,
    decidedOn: ctx.today,
    authority: decided.authority,
  });
  return {};
});
