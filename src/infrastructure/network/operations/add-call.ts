import { utf8 } from "#lib/crypto/bytes";
import { canonicalize } from "#lib/json/canonical";
import { hasSecrecyMark } from "#lib/secrecy/secrecy-mark";
import { insertItem, placeFor } from "../adding.ts";
import { ITEMS_MAX } from "../contract.ts";
import { directionOf } from "../crossing.ts";
import { implement } from "../implement.ts";
import { packageById } from "../packages.ts";
import { partnerById } from "../partners.ts";
import { networkPorts } from "../ports.ts";

export const CALL_MEDIA_TYPE = "application/json";

export const addCall = implement("addCall", async (ctx, { package: to, title, target, input }) => {
  const packed = await packageById(ctx.tables.read(), to);
  const partner = packed && (await partnerById(ctx.tables.read(), packed.partner));
  if (!packed || !partner) return ctx.refuse("not-found");
  const contract = networkPorts().contractOf(target.room);
  const operation = contract?.operations[target.operation];
  const direction = directionOf(ctx.act.zone, partner.card.zone);
  const rule = operation?.crosses;
  const isVersion = contract !== undefined && Number(contract.version.split(".")[0]) === target.version;
  const mayCross = isVersion && direction !== undefined && rule?.directions.includes(direction) === true;
  if (!mayCross || operation?.input.safeParse(input).success !== true) return ctx.refuse("may-not-cross");
  const written = canonicalize(input);
  if (hasSecrecyMark(written)) return ctx.refuse("secret");
  const stored = await ctx.files.put(utf8(written), { mediaType: CALL_MEDIA_TYPE, name: `${target.operation}.json` });
  const { classification } = rule;
  const sql = await ctx.tables.write();
  const place = await placeFor(sql, { package: to, title, classification, zone: ctx.act.zone });
  if (typeof place !== "number") return ctx.refuse(place, { title, most: ITEMS_MAX });
  const { digest, bytes } = stored;
  await insertItem(sql, to, {
    ...{ place, kind: "call", title, classification, mediaType: CALL_MEDIA_TYPE, digest, bytes, target },
  });
  return { id: to, place };
});
