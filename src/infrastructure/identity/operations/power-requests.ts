import { implement } from "../implement.ts";
import { POWERS_MAX } from "../powers/power-contract.ts";
import { personOf } from "../powers/powers.ts";

export const powerRequests = implement("powerRequests", async (ctx) => {
  const waiting = await ctx.registers.power.find({ status: "asked" }, { limit: POWERS_MAX });
  const items = [];
  for (const { key, value, recordedFrom } of waiting.items) {
    const { kind, basis, evidence, scope, service, from, to, recordedBy } = value;
    const principalName = (await personOf(ctx.rooms, value.principal))?.name ?? "";
    const agentName = (await personOf(ctx.rooms, value.agent))?.name ?? "";
    items.push({
      ...{ id: key, kind, basis, evidence, scope, service, from, to, recordedBy },
      ...{ principalName, agentName, recordedAt: recordedFrom },
    });
  }
  return { items };
});
