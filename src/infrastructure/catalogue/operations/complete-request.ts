import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const completeRequest = implement("completeRequest", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "request", step: "complete", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
