import { text } from "#lib/language/text";
import { examineOrganization } from "../examination.ts";
import { implement } from "../implement.ts";
import { Organization } from "../registers.ts";

export const decideCorrection = implement("decideCorrection", async (ctx, { id, accepted, value, reason }) => {
  const request = await ctx.registers.correctionRequest.lock(id);
  if (!request) return ctx.refuse("not-found");
  if (request.value.status !== "open") return ctx.refuse("already-decided");
  const { organization: key, person, attribute, claimed } = request.value;
  if (accepted) {
    const entry = await ctx.registers.organization.lock(key);
    if (!entry) return ctx.refuse("not-found");
    const checked = Organization.shape[attribute].safeParse((value ?? claimed).trim());
    if (!checked.success) {
      const words = text(
        "此内容不能登记，请改为规定的格式。",
        "This cannot be registered as it is; bring it to the prescribed form.",
      );
      return ctx.refuse("invalid", {}, [{ path: "value", text: words }]);
    }
    const corrected = { ...entry.value, [attribute]: checked.data, changeReason: reason };
    const { organization, errors } = examineOrganization(corrected, { today: ctx.today });
    const own = errors.filter(({ path }) => path === attribute).map((issue) => ({ ...issue, path: "value" }));
    if (own.length > 0) return ctx.refuse("invalid", {}, own);
    await ctx.registers.organization.correct(key, organization);
  }
  const status = accepted ? ("accepted" as const) : ("rejected" as const);
  await ctx.registers.correctionRequest.put({ ...request.value, status, decisionReason: reason }, { key: id });
  await ctx.emit("correctionDecided", { request: id, organization: key, person, accepted });
  return { id };
});
