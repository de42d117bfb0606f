import { issueOnRequest } from "../certificates/enrolment.ts";
import { implement } from "../implement.ts";
import { noteHolder, officialOf } from "../official.ts";

export const decideCertificateRequest = implement("decideCertificateRequest", async (ctx, { id, decision, reason }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  // Held until the act ends: of two who decide at once, the second finds it decided.
  const entry = await ctx.registers.enrolment.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  if (value.status !== "requested") return ctx.refuse("decided");
  if (value.requestedBy === official) return ctx.refuse("own-request");
  noteHolder(ctx, value);
  const decided = { ...value, decidedBy: official, decidedAt: ctx.now, reason };
  if (decision === "refuse") {
    await ctx.registers.enrolment.put({ ...decided, status: "refused" }, { key: id });
    return {};
  }
  const issued = await issueOnRequest(ctx, value);
  if ("code" in issued) return ctx.refuse(issued.code, "values" in issued ? issued.values : {});
  await ctx.registers.enrolment.put({ ...decided, status: "issued", serial: issued.serial }, { key: id });
  return { serial: issued.serial };
});
