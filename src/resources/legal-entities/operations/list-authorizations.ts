import { isRefusal } from "#kernel/contract/refusal";
import { LIST_LENGTH_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { isValidOn } from "../right.ts";

export const listAuthorizations = implement("listAuthorizations", async (ctx, { organization }) => {
  const entry = await ctx.registers.organization.get(organization);
  if (!entry) return ctx.refuse("not-found");
  const { principal, via } = ctx.act;
  if (via === undefined && principal.kind === "person" && principal.id !== entry.value.representative) {
    return ctx.refuse("not-representative");
  }
  const page = await ctx.registers.authorization.find({ organization }, { limit: LIST_LENGTH_MAX });
  const items = [];
  for (const { key, value } of page.items) {
    const agent = await ctx.rooms.population.nameOf({ id: value.agent });
    items.push({
      id: key,
      ...value,
      organizationName: entry.value.name,
      valid: isValidOn(value, ctx.today),
      ...(!isRefusal(agent) && { agentName: agent.name }),
    });
  }
  return { items };
});
