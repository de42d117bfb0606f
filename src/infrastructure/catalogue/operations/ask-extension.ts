import { clocksOf } from "../clocks.ts";
import { implement } from "../implement.ts";
import { takeStep } from "../matters.ts";

export const askExtension = implement("askExtension", async (ctx, { number, words, days }) => {
  const clocks = await clocksOf(ctx.tables.read(), [number]);
  if (clocks.some(({ name }) => name === "answer-unconditional")) return ctx.refuse("no-extension");
  const taken = await takeStep(ctx, { kind: "request", step: "ask-extension", number, words, detail: { days } });
  return "code" in taken ? ctx.refuse(taken.code) : { state: taken.state };
});
