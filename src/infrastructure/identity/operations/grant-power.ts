import { isRefusal } from "#kernel/contract/refusal";
import { implement } from "../implement.ts";
import { faultOfTerms, isGiven } from "../powers/powers.ts";

export const grantPower = implement("grantPower", async (ctx, { agentName, agentNumber, ...terms }) => {
  const { principal } = ctx.act;
  if (principal.kind !== "person") return ctx.refuse("agent-not-found");
  const fault = faultOfTerms(terms, ctx.today);
  if (fault) return ctx.refuse(fault);
  const found = await ctx.rooms.population.findByDocument({
    documentKind: "resident-identity",
    documentNumber: agentNumber,
  });
  // One answer, so that nobody learns whose number it is, or that there is one.
  if (isRefusal(found) || found.name !== agentName || found.lifeStatus !== "alive")
    return ctx.refuse("agent-not-found");
  if (found.id === principal.id) return ctx.refuse("own-agent");
  const asked = { ...terms, principal: principal.id, agent: found.id, kind: "agent", basis: "mandate" } as const;
  if (await isGiven(ctx.registers, asked, ctx.today)) return ctx.refuse("already-given");
  const id = await ctx.registers.power.put({ ...asked, status: "in-force", recordedBy: principal.id });
  ctx.concerns({ kind: "person", id: found.id, attributes: ["power"] });
  return { id };
});
