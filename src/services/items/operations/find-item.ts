import { guideOf } from "../catalogue.ts";
import { implement } from "../implement.ts";
import { itemCatalogue } from "../ports.ts";

export const findItem = implement("findItem", async (ctx, { room, service }) => {
  const entry = itemCatalogue().find(({ item }) => item.room === room && item.service === service);
  return entry ? guideOf(entry) : ctx.refuse("not-found");
});
