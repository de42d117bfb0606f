import { carryOut } from "../disputes.ts";
import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const decideDispute = implement("decideDispute", async (ctx, { number, words, outcome }) => {
  const taken = await takeStep(ctx, { kind: "dispute", step: "decide", number, words, detail: { outcome } });
  if ("code" in taken) return ctx.refuse(taken.code);
  await carryOut(taken.sql, taken.matter, outcome, ctx.now);
  return { state: taken.state };
});
