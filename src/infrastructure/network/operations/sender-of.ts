import { implement } from "../implement.ts";
import { confirmedPartner } from "../partners.ts";

export const senderOf = implement("senderOf", async (ctx, { from }) => {
  const partner = await confirmedPartner(ctx.tables.read(), from);
  if (!partner) return ctx.refuse("not-found");
  const { card, outward, received, receivedDigest } = partner;
  return {
    ...{ card: card.text, zone: card.zone, outward, received },
    ...(receivedDigest !== null && { receivedDigest }),
  };
});
