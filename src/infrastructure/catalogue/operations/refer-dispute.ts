import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const referDispute = implement("referDispute", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "dispute", step: "refer", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
