import { sha256Hex } from "#lib/crypto/digest";
import { implement } from "../implement.ts";
import { writeManifest } from "../manifest.ts";
import { nameOf, officialOf } from "../official.ts";
import { itemsOf, packageById } from "../packages.ts";
import { networkPorts } from "../ports.ts";
import { signRelease } from "../release.ts";

export const proposePackage = implement("proposePackage", async (ctx, { id }) => {
  const official = officialOf(ctx.act);
  if (!official) return ctx.refuse("no-post");
  const name = await nameOf(ctx.rooms, official.id);
  const sql = await ctx.tables.write();
  const packed = await packageById(sql, id, true);
  if (!packed) return ctx.refuse("not-found");
  if (packed.state !== "draft") return ctx.refuse("other-state");
  const items = await itemsOf(sql, id);
  if (items.length === 0) return ctx.refuse("empty");
  const manifest = writeManifest(packed, { from: networkPorts().node.code, items: [...items] });
  const digest = sha256Hex(manifest);
  const said = { package: id, manifest: digest, at: ctx.now };
  const proposal = await signRelease("proposes", said, { id: official.id, name });
  await sql.execute(
    `UPDATE network.ferry_package SET state = 'proposed', manifest = $2, digest = $3, proposed_by = $4, proposed_at = $5,
       proposal = $6 WHERE id = $1`,
    [id, manifest, digest, official.id, ctx.now, proposal],
  );
  return { id, digest };
});
