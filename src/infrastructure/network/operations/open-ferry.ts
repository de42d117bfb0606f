import { assert } from "#kernel/errors/fault";
import { makeFerryKeys, ownCardOf } from "../ferry-keys.ts";
import { implement } from "../implement.ts";

/** Makes the keys once; again, it tells the same card. */
export const openFerry = implement("openFerry", async (ctx) => {
  const sql = await ctx.tables.write();
  await makeFerryKeys(sql, ctx.secrets, ctx.now);
  const card = await ownCardOf(sql, ctx.secrets, ctx.act.zone);
  assert(card, "keys that were made give a card");
  return { fingerprint: card.fingerprint };
});
