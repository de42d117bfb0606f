import { implement } from "../implement.ts";
import { openSealings } from "../sealings.ts";

export const supervisedSealings = implement("supervisedSealings", async (ctx) => {
  return { items: await openSealings(ctx.registers, ctx.today) };
});
