import { randomBytes } from "#kernel/random";
import { RECIPIENT_SEED_BYTES } from "#lib/crypto/recipient";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { kernelOf } from "../ports.ts";
import { tendSoon } from "../tending.ts";

/** What it may have, for what and until when, the source says: this node's own request said it before. */
export const subscribeByGrant = implement("subscribeByGrant", async (ctx, { register, node, grant }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  if (kernelOf(ctx).elsewhere?.routes.self === node) return ctx.refuse("own-node");
  const sql = await ctx.tables.write();
  const seed = ctx.secrets.seal(randomBytes(RECIPIENT_SEED_BYTES), `${node} ${register}`);
  const [made] = await sql.query<{ id: number }>(
    `INSERT INTO datasets.copy (register, node, division, attributes, basis, grant_number, subscribed_by, subscribed_at, state, seed)
     VALUES ($1, $2, '', '{}', '[]', $3, $4, $5, 'waiting', $6) ON CONFLICT (register, node) WHERE state <> 'ended' DO NOTHING
     RETURNING id`,
    [register, node, grant, official, ctx.now, Buffer.from(seed)],
  );
  if (made === undefined) return ctx.refuse("kept");
  await tendSoon(sql);
  return { id: made.id };
});
