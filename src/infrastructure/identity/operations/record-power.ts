import { isRefusal } from "#kernel/contract/refusal";
import { implement, type Rooms } from "../implement.ts";
import { faultOfTerms, isFitting, isGiven } from "../powers/powers.ts";

export const recordPower = implement("recordPower", async (ctx, { principalNumber, agentNumber, ...power }) => {
  const fault = faultOfTerms(power, ctx.today);
  if (fault) return ctx.refuse(fault);
  const principal = await residentOf(ctx.rooms, principalNumber);
  if (!principal) return ctx.refuse("principal-not-found");
  const agent = await residentOf(ctx.rooms, agentNumber);
  if (!agent?.alive) return ctx.refuse("agent-not-found");
  if (agent.id === principal.id) return ctx.refuse("own-agent");
  if (!isFitting(power.kind, power.basis, principal.alive)) return ctx.refuse("not-fitting");
  const asked = { ...power, principal: principal.id, agent: agent.id };
  if (await isGiven(ctx.registers, asked, ctx.today)) return ctx.refuse("already-given");
  const by = ctx.act.principal.kind === "official" ? ctx.act.principal.id : "";
  if (by === principal.id || by === agent.id) return ctx.refuse("own-affair");
  const id = await ctx.registers.power.put({ ...asked, status: "asked", recordedBy: by });
  ctx.concerns({ kind: "person", id: agent.id, attributes: ["power"] });
  return { id };
});

async function residentOf(rooms: Rooms, documentNumber: string) {
  const found = await rooms.population.findByDocument({ documentKind: "resident-identity", documentNumber });
  return isRefusal(found) ? undefined : { id: found.id, alive: found.lifeStatus === "alive" };
}
