import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const confirmFlow = implement("confirmFlow", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "grant", step: "confirm-flow", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
