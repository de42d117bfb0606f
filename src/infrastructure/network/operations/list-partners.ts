import { implement } from "../implement.ts";
import { allPartners, partnerView } from "../partners.ts";

export const listPartners = implement("listPartners", async (ctx) => ({
  items: (await allPartners(ctx.tables.read())).map(partnerView),
}));
