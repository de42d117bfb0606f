import { implement } from "../implement.ts";

export const reportWrong = implement("reportWrong", async (ctx, { attribute, claimed, explanation }) => {
  const { principal } = ctx.act;
  const entry = principal.kind === "person" ? await ctx.registers.person.get(principal.id) : undefined;
  if (!entry) return ctx.refuse("not-found");
  // Locked, so that a form sent twice at once makes one request.
  await ctx.registers.person.lock(entry.key);
  const open = await ctx.registers.correctionRequest.find({ person: entry.key, status: "open" });
  if (open.items.some((request) => request.value.attribute === attribute)) return ctx.refuse("already-open");
  const request = { person: entry.key, attribute, claimed, explanation, status: "open" as const };
  return { id: await ctx.registers.correctionRequest.put(request) };
});
