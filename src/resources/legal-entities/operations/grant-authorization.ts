import { isRefusal } from "#kernel/contract/refusal";
import { grant } from "../grant.ts";
import { implement } from "../implement.ts";

export const grantAuthorization = implement(
  "grantAuthorization",
  async (ctx, { agentName, agentNumber, ...letter }) => {
    const found = await ctx.rooms.population.findByDocument({
      documentKind: "resident-identity",
      documentNumber: agentNumber,
    });
    // One answer, so that nobody learns whose number it is, or that there is one.
    if (isRefusal(found) || found.name !== agentName) return ctx.refuse("agent-not-found");
    return grant(ctx, { ...letter, agent: found.id });
  },
);
