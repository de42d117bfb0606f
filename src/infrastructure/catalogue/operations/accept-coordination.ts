import { carryOut, coordinatedOutcome } from "../disputes.ts";
import { implement } from "../implement.ts";
import { matterByNumber, takeStep } from "../matters.ts";

export const acceptCoordination = implement("acceptCoordination", async (ctx, { number, words }) => {
  const dispute = await matterByNumber(ctx.tables.read(), number);
  const step = dispute?.state === "half-accepted" ? "join-acceptance" : "accept-coordination";
  const taken = await takeStep(ctx, { kind: "dispute", step, number, words });
  if ("code" in taken) return ctx.refuse(taken.code);
  if (taken.state !== "settled") return { state: taken.state };
  await carryOut(taken.sql, taken.matter, (await coordinatedOutcome(taken.sql, number)) ?? "other", ctx.now);
  return { state: taken.state };
});
