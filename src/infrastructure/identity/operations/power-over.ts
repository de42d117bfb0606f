import { implement } from "../implement.ts";
import { rightOver } from "../powers/powers.ts";

export const powerOver = implement("powerOver", async (ctx, asked) => {
  return (await rightOver(ctx, asked)) ?? ctx.refuse("no-power");
});
