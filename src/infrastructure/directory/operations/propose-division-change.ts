import { isWithin } from "#lib/directory/division";
import { implement } from "../implement.ts";
import { enterProposal, standing } from "../network/propose.ts";

export const proposeDivisionChange = implement("proposeDivisionChange", async (ctx, { from, to, since, reason }) => {
  const now = await standing(ctx);
  if (now === undefined) return ctx.refuse("not-member");
  const strange = [from, to].find((division) => !isWithin(division, now.membership.division));
  if (strange !== undefined || from === to) return ctx.refuse("not-ours", { division: strange ?? to });
  return (await enterProposal(ctx, { what: "renumber-division", from, to, since }, reason)) ?? ctx.refuse("no-post");
});
