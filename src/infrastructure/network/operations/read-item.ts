import { toBase64 } from "#lib/crypto/base64url";
import { implement } from "../implement.ts";
import { itemsOf } from "../packages.ts";

export const readItem = implement("readItem", async (ctx, { package: from, place }) => {
  const item = (await itemsOf(ctx.tables.read(), from)).find((one) => one.place === place);
  if (item === undefined) return ctx.refuse("not-found");
  return { title: item.title, mediaType: item.mediaType, content: toBase64(await ctx.files.read(item.digest)) };
});
