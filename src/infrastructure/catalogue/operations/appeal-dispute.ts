import { implement } from "../implement.ts";
import { matterByNumber, takeStep } from "../matters.ts";

export const appealDispute = implement("appealDispute", async (ctx, { number, words }) => {
  const dispute = await matterByNumber(ctx.tables.read(), number);
  // Before the coordination only once its days are over, which the step itself looks at.
  const step = dispute?.state === "coordinating" ? "appeal-silence" : "appeal";
  const taken = await takeStep(ctx, { kind: "dispute", step, number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
