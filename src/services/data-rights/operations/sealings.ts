import { implement } from "../implement.ts";
import { officialOf, openSealings } from "../sealings.ts";

export const sealings = implement("sealings", async (ctx) => {
  return { items: await openSealings(ctx.registers, ctx.today, officialOf(ctx.act).authority) };
});
