import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { rightOf } from "../right.ts";

export const reportWrong = implement("reportWrong", async (ctx, { organization, attribute, claimed, explanation }) => {
  const { principal } = ctx.act;
  const entry = await ctx.registers.organization.get(organization);
  if (!entry || principal.kind !== "person") return ctx.refuse("not-found");
  const letters = await ctx.registers.authorization.find(
    { organization, agent: principal.id },
    { limit: LIST_LENGTH_MAX },
  );
  if (!rightOf(principal.id, entry, letters.items, { day: ctx.today })) return ctx.refuse("not-representative");
  // Locked, so that a form sent twice at once makes one request.
  await ctx.registers.organization.lock(organization);
  const open = await ctx.registers.correctionRequest.find({ organization, status: "open" });
  if (open.items.some((request) => request.value.attribute === attribute)) return ctx.refuse("already-open");
  const request = { organization, person: principal.id, attribute, claimed, explanation, status: "open" as const };
  return { id: await ctx.registers.correctionRequest.put(request) };
});
