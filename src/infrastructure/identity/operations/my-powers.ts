import { isRefusal } from "#kernel/contract/refusal";
import { implement } from "../implement.ts";
import { POWERS_MAX } from "../powers/power-contract.ts";
import { holdsOn, personOf } from "../powers/powers.ts";

export const myPowers = implement("myPowers", async (ctx) => {
  const me = ctx.act.principal.kind === "person" ? ctx.act.principal.id : "";
  const wards = await ctx.rooms.population.wardsOf({ guardian: me });
  const guardians = await ctx.rooms.population.guardiansOf({ ward: me });
  const whole = { right: "guardian", scope: "all-services" } as const;
  const listed = async (other: "principal" | "agent") => {
    const where = other === "principal" ? { agent: me } : { principal: me };
    const { items } = await ctx.registers.power.find(where, { limit: POWERS_MAX });
    const found = [];
    for (const { key, value } of items) {
      if (!holdsOn(value, ctx.today)) continue;
      const name = (await personOf(ctx.rooms, value[other]))?.name ?? "";
      const { kind: right, scope, service, to } = value;
      found.push({ id: key, person: value[other], name, right, scope, service, to });
    }
    return found;
  };
  const registered = isRefusal(wards) ? [] : wards.items;
  const own = isRefusal(guardians) ? [] : guardians.items;
  return {
    held: [...registered.map(({ id, name }) => ({ person: id, name, ...whole })), ...(await listed("principal"))],
    given: [...own.map(({ id, name }) => ({ person: id, name, ...whole })), ...(await listed("agent"))],
  };
});
