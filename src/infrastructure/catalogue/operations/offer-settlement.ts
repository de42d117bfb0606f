import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const offerSettlement = implement("offerSettlement", async (ctx, { number, words }) => {
  const taken = await takeStep(ctx, { kind: "dispute", step: "offer-settlement", number, words });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
