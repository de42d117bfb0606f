import { implement } from "../implement.ts";
import { matterByNumber, takeStep } from "../matters.ts";
import { announceChange } from "../policies-in-force.ts";

/** What is filed is seen by the authority in charge of sharing, as all of the matter is. */
export const fileGrantEnd = implement("fileGrantEnd", async (ctx, { number, words }) => {
  const grant = await matterByNumber(ctx.tables.read(), number);
  // Without an answer of the consumer only once the days of negotiation are over, which the step itself looks at.
  const step = grant?.state.startsWith("answered") ? "file-end" : "file-end-unanswered";
  const taken = await takeStep(ctx, { kind: "grant", step, number, words });
  if ("code" in taken) return ctx.refuse(taken.code);
  await announceChange(taken.sql);
  return { state: taken.state };
});
