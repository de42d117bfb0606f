import { REPRESENTED_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { rightOf } from "../right.ts";

export const representation = implement("representation", async (ctx, { person, organization, needed }) => {
  const entry = await ctx.registers.organization.get(organization);
  if (!entry) return ctx.refuse("not-found");
  const authorizations = await ctx.registers.authorization.find(
    { organization, agent: person },
    { limit: REPRESENTED_MAX },
  );
  const found = rightOf(person, entry, authorizations.items, { day: ctx.today, needed });
  if (!found) return ctx.refuse("not-representative");
  if (entry.value.status !== "active") return ctx.refuse("not-active");
  const scope = found.authorization && { scope: found.authorization.scope };
  const services = found.services && { services: [...found.services] };
  return { organization, name: entry.value.name, right: found.right, ...scope, ...services };
});
