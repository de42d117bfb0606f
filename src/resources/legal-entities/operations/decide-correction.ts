import { foundInValue, hesitation } from "#kernel/registers/examined";
import { text } from "#lib/language/text";
import { withClaim } from "../correction.ts";
import { examineOrganization } from "../examination.ts";
import { implement } from "../implement.ts";
import { tellChange } from "../tell-change.ts";

export const decideCorrection = implement(
  "decideCorrection",
  async (ctx, { id, accepted, value, reason, confirmed }) => {
    const request = await ctx.registers.correctionRequest.lock(id);
    if (!request) return ctx.refuse("not-found");
    if (request.value.status !== "open") return ctx.refuse("already-decided");
    const { organization: key, person, attribute, claimed } = request.value;
    if (accepted) {
      const entry = await ctx.registers.organization.lock(key);
      if (!entry) return ctx.refuse("not-found");
      const corrected = withClaim(entry.value, attribute, value ?? claimed);
      if (!corrected) return ctx.refuse("invalid", {}, [{ path: "value", text: NO_SUCH_VALUE }]);
      const examined = examineOrganization({ ...corrected, changeReason: reason }, { today: ctx.today });
      const { organization, ...found } = examined;
      const doubt = hesitation(foundInValue(found, attribute), confirmed);
      if (doubt) return ctx.refuse(doubt.code, {}, doubt.issues);
      await ctx.registers.organization.correct(key, organization);
      await tellChange(ctx, { id: key, before: entry.value, after: organization, what: "corrected" });
    }
    const status = accepted ? ("accepted" as const) : ("rejected" as const);
    await ctx.registers.correctionRequest.put({ ...request.value, status, decisionReason: reason }, { key: id });
    await ctx.emit("correctionDecided", { request: id, organization: key, person, accepted });
    return { id };
  },
);

const NO_SUCH_VALUE = text(
  "此内容不能登记，请改为规定的格式。",
  "This cannot be registered as it is; bring it to the prescribed form.",
);
