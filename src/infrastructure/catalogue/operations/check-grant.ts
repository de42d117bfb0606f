import { implement } from "../implement.ts";
import { standingOf } from "../standing.ts";

export const checkGrant = implement("checkGrant", async (ctx, { number }) => {
  return (await standingOf(ctx.tables.read(), number, ctx.now)) ?? ctx.refuse("not-found");
});
