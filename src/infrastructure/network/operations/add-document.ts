import { fileHasMark } from "#kernel/secrecy/marked-content";
import { fromBase64 } from "#lib/crypto/base64url";
import { insertItem, placeFor } from "../adding.ts";
import { ITEMS_MAX } from "../contract.ts";
import { implement } from "../implement.ts";

export const addDocument = implement("addDocument", async (ctx, document) => {
  const { title, classification, name, mediaType } = document;
  const bytes = fromBase64(document.content) ?? new Uint8Array(0);
  if (await fileHasMark({ name, bytes })) return ctx.refuse("secret");
  const stored = await ctx.files.put(bytes, { mediaType, name });
  const sql = await ctx.tables.write();
  const place = await placeFor(sql, { package: document.package, title, classification, zone: ctx.act.zone });
  if (typeof place !== "number") return ctx.refuse(place, { title, most: ITEMS_MAX });
  const { digest } = stored;
  await insertItem(sql, document.package, {
    ...{ place, kind: "document", title, classification, mediaType, digest, bytes: stored.bytes },
  });
  return { id: document.package, place };
});
