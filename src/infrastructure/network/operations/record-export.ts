import { assert } from "#kernel/errors/fault";
import { implement } from "../implement.ts";
import { itemsOf, packageById } from "../packages.ts";
import { confirmedPartner } from "../partners.ts";
import { networkPorts } from "../ports.ts";

/**
 * What the command that writes media needs, and that it was asked for. Media that were lost are written again, and so are those that the
 * other side could not take: until this package is accepted there, none behind it is. It is encrypted for the keys that the node has now.
 */
export const recordExport = implement("recordExport", async (ctx, { id }) => {
  const sql = await ctx.tables.write();
  const packed = await packageById(sql, id, true);
  if (!packed) return ctx.refuse("not-found");
  const { manifest, proposal, release, sequence, state, outcome } = packed;
  const isToGo = state === "released" || state === "exported" || (state === "answered" && outcome !== "accepted");
  const partner = await confirmedPartner(sql, packed.node);
  if (!isToGo || !partner) return ctx.refuse("other-state");
  assert(manifest && proposal && release && sequence, "what was released is whole");
  await sql.execute(
    `UPDATE network.ferry_package SET state = 'exported', exported_at = $2, outcome = NULL, answered_at = NULL WHERE id = $1`,
    [id, ctx.now],
  );
  return {
    ...{ from: networkPorts().node.code, to: partner.card.node, sequence, card: partner.card.text, manifest },
    ...{ releases: [proposal, release], items: [...(await itemsOf(sql, id))] },
  };
});
