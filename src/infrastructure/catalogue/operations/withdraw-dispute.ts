import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const withdrawDispute = implement("withdrawDispute", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "dispute", step: "withdraw", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
