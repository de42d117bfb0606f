import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const keepGrant = implement("keepGrant", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "grant", step: "keep", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
