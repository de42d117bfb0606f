import { implement } from "../implement.ts";
import { coveringGrant } from "../standing.ts";

export const findGrant = implement("findGrant", async (ctx, use) => {
  return (await coveringGrant(ctx.tables.read(), { ...use, now: ctx.now })) ?? ctx.refuse("not-found");
});
