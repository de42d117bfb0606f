import { ownCardOf } from "../ferry-keys.ts";
import { implement } from "../implement.ts";

export const ownCard = implement("ownCard", async (ctx) => {
  const card = await ownCardOf(ctx.tables.read(), ctx.secrets, ctx.act.zone);
  if (card === undefined) return ctx.refuse("no-card");
  return { card: card.text, fingerprint: card.fingerprint, zone: card.zone };
});
