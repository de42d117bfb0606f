import { toBase64 } from "#lib/crypto/base64url";
import { arrivedItems } from "../arrivals.ts";
import { implement } from "../implement.ts";

export const readArrivedDocument = implement("readArrivedDocument", async (ctx, { arrival, place }) => {
  const item = (await arrivedItems(ctx.tables.read(), arrival)).find((one) => one.place === place);
  if (item?.kind !== "document") return ctx.refuse("not-found");
  return { title: item.title, mediaType: item.mediaType, content: toBase64(await ctx.files.read(item.digest)) };
});
