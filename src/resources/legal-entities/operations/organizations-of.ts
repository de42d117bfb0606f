import { REPRESENTED_MAX } from "../contract.ts";
import { implement } from "../implement.ts";
import { headRight, isValidOn } from "../right.ts";

export const organizationsOf = implement("organizationsOf", async (ctx, { person }) => {
  const { principal, via } = ctx.act;
  if (via === undefined && principal.kind === "person" && principal.id !== person) return ctx.refuse("not-own");
  const headed = await ctx.registers.organization.find({ representative: person }, { limit: REPRESENTED_MAX });
  const own = headed.items
    .filter(({ value }) => value.status === "active")
    .map(({ key, value: { name, creditCode, kind } }) => ({ id: key, name, creditCode, kind, right: headRight(kind) }));
  const authorizations = await ctx.registers.authorization.find({ agent: person }, { limit: REPRESENTED_MAX });
  const longest = new Map<string, { readonly to: string; readonly authorization: string }>();
  for (const { key, value } of authorizations.items) {
    if (!isValidOn(value, ctx.today) || own.some(({ id }) => id === value.organization)) continue;
    const known = longest.get(value.organization);
    if (known === undefined || known.to < value.to) {
      longest.set(value.organization, { to: value.to, authorization: key });
    }
  }
  const represented = [];
  for (const [organization, held] of longest) {
    const entry = await ctx.registers.organization.get(organization);
    if (entry?.value.status !== "active") continue;
    const { name, creditCode, kind } = entry.value;
    represented.push({ id: organization, name, creditCode, kind, right: "agent" as const, ...held });
  }
  return { items: [...own, ...represented] };
});
