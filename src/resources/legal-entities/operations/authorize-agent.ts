import { isRefusal } from "#kernel/contract/refusal";
import { AUTHORIZATION_YEARS_MAX, LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { isValidOn } from "../right.ts";

export const authorizeAgent = implement("authorizeAgent", async (ctx, { organization, agent, scope, from, to }) => {
  const entry = await ctx.registers.organization.get(organization);
  if (!entry) return ctx.refuse("not-found");
  const { representative } = entry.value;
  const { principal } = ctx.act;
  if (principal.kind === "person" && principal.id !== representative) return ctx.refuse("not-representative");
  if (agent === representative) return ctx.refuse("own-agent");
  const latest = Temporal.PlainDate.from(from).add({ years: AUTHORIZATION_YEARS_MAX }).toString();
  if (to < from || to < ctx.today || to > latest) return ctx.refuse("bad-period");
  const known = await ctx.rooms.population.nameOf({ id: agent });
  if (isRefusal(known) || known.lifeStatus !== "alive") return ctx.refuse("agent-not-found");
  const given = await ctx.registers.authorization.find({ organization, agent }, { limit: LIST_LENGTH_MAX });
  const same = given.items.some(({ value }) => value.scope === scope && isValidOn(value, from) && value.to >= to);
  if (same) return ctx.refuse("already-authorized");
  const authorization = { organization, agent, scope, from, to, grantedBy: representative };
  const id = await ctx.registers.authorization.put(authorization);
  ctx.concerns({ kind: "person", id: agent, attributes: ["authorization"] });
  return { id };
});
