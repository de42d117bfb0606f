import type { Sql } from "#kernel/database/sql";
import type { Zone } from "#kernel/system/act";
import { hasSecrecyMark } from "#lib/secrecy/secrecy-mark";
import { ITEMS_MAX } from "./contract.ts";
import { type Classification, mayCross } from "./crossing.ts";
import { type Item, itemsOf, packageById } from "./packages.ts";
import { partnerById } from "./partners.ts";

/** Why something cannot be put into a package. */
export type AddingProblem = "not-found" | "other-state" | "secret" | "classified" | "full";

export interface Adding {
  readonly package: string;
  readonly title: string;
  readonly classification: Classification;
  readonly zone: Zone;
}

/** The place of a further item, in a package that is open and may carry it. The package stays locked until the act commits. */
export async function placeFor(sql: Sql, adding: Adding): Promise<number | AddingProblem> {
  const packed = await packageById(sql, adding.package, true);
  if (!packed) return "not-found";
  if (packed.state !== "draft") return "other-state";
  const partner = await partnerById(sql, packed.partner);
  if (partner?.state !== "confirmed") return "not-found";
  if (hasSecrecyMark(adding.title)) return "secret";
  if (!mayCross(adding.classification, adding.zone, partner.card.zone)) return "classified";
  const items = await itemsOf(sql, packed.id);
  if (items.length >= ITEMS_MAX) return "full";
  return (items.at(-1)?.place ?? -1) + 1;
}

export async function insertItem(sql: Sql, to: string, item: Item): Promise<void> {
  await sql.execute(
    `INSERT INTO network.ferry_item (package, place, kind, title, classification, media_type, digest, bytes, target)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[to, item.place, item.kind, item.title, item.classification, item.mediaType, item.digest, item.bytes],
      item.target === undefined ? null : JSON.stringify(item.target),
    ],
  );
}
