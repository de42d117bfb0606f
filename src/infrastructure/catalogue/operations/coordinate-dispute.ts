import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const coordinateDispute = implement("coordinateDispute", async (ctx, { number, words, outcome }) => {
  const taken = await takeStep(ctx, { kind: "dispute", step: "coordinate", number, words, detail: { outcome } });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
