import { publicSecurity } from "#systems/public-security";
import { implement } from "../implement.ts";

const PUBLISHED = new Set(["grant", "partial", "refuse"]);

/** Has the decision of a case published (行政许可法 §40): what was decided, and nothing of the person. */
export const publishVehicleDecision = implement("publishVehicleDecision", async (ctx, { caseId }) => {
  const decided = await ctx.cases.read(caseId);
  const decision = String(decided?.variables["decision"] ?? "");
  if (!decided || !PUBLISHED.has(decision)) return ctx.refuse("case-unknown");
  const { title } = publicSecurity.services.vehicleRegistration;
  await ctx.rooms.disclosure.publishDecision({
    caseId,
    caseNumber: decided.number,
    item: title.zh,
    decision: decision as "grant" | "partial" | "refuse",
    party: "",
    partyCode: "",
    content: decided.form["kind"] === "end" ? "注销登记" : "注册登记",
    decidedOn: ctx.today,
    authority: decided.authority,
  });
  return {};
});
