import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const acceptSettlement = implement("acceptSettlement", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "dispute", step: "accept-settlement", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
