import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const answerGrantEnd = implement("answerGrantEnd", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "grant", step: "answer-end", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
