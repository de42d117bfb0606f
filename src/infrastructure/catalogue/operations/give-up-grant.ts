import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";
import { announceChange } from "../policies-in-force.ts";

export const giveUpGrant = implement("giveUpGrant", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "grant", step: "give-up", number, words });
  if ("code" in taken) return ctx.refuse(taken.code);
  await announceChange(taken.sql);
  return { state: taken.state };
});
