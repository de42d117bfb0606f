import { assert } from "#kernel/errors/fault";
import { implement } from "../implement.ts";
import { itemsOf, packageById } from "../packages.ts";
import { partnerById } from "../partners.ts";
import { networkPorts } from "../ports.ts";

/** What the command that writes media needs, and that it was asked for. A medium that was lost may be written again. */
export const recordExport = implement("recordExport", async (ctx, { id }) => {
  const sql = await ctx.tables.write();
  const packed = await packageById(sql, id, true);
  if (!packed) return ctx.refuse("not-found");
  const { manifest, proposal, release, sequence } = packed;
  if (packed.state !== "released" && packed.state !== "exported") return ctx.refuse("other-state");
  const partner = await partnerById(sql, packed.partner);
  assert(partner && manifest && proposal && release && sequence, "what was released is whole");
  await sql.execute("UPDATE network.ferry_package SET state = 'exported', exported_at = $2 WHERE id = $1", [
    id,
    ctx.now,
  ]);
  return {
    ...{ from: networkPorts().node.code, to: partner.card.node, sequence, card: partner.card.text, manifest },
    ...{ releases: [proposal, release], items: [...(await itemsOf(sql, id))] },
  };
});
