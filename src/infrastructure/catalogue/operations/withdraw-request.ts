import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const withdrawRequest = implement("withdrawRequest", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "request", step: "withdraw", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
