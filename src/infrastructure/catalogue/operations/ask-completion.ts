import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const askCompletion = implement("askCompletion", async (ctx, { number, missing }) => {
  const taken = await takeStep(ctx, {
    ...{ kind: "request", step: "ask-completion", number, words: missing.join("；").slice(0, 2_000) },
    detail: { missing },
  });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
