import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const proposeGrantEnd = implement("proposeGrantEnd", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "grant", step: "propose-end", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
