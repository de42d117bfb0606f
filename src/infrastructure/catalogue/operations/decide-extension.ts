import { assert } from "#kernel/errors/fault";
import { extendClocks } from "../clocks.ts";
import { implement } from "../implement.ts";
import { stepsOf, takeStep } from "../matters.ts";

export const decideExtension = implement("decideExtension", async (ctx, { number, words, decision }) => {
  const step = decision === "granted" ? "grant-extension" : "decline-extension";
  const taken = await takeStep(ctx, { kind: "request", step, number, words });
  if ("code" in taken) return ctx.refuse(taken.code);
  if (decision === "granted") {
    const asked = (await stepsOf(taken.sql, number)).findLast((one) => one.step === "ask-extension");
    assert(asked, "more days were asked for before they are granted");
    const { days: amount } = asked.detail as { readonly days: number };
    await extendClocks(taken.sql, number, ctx.now, { amount, reason: words, by: taken.official.id });
  }
  return { state: taken.state };
});
