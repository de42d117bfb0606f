import { randomBytes } from "#kernel/random";
import { RECIPIENT_SEED_BYTES } from "#lib/crypto/recipient";
import { implement } from "../implement.ts";
import { officialOf } from "../official.ts";
import { kernelOf } from "../ports.ts";
import { tendSoon } from "../tending.ts";

export const subscribe = implement("subscribe", async (ctx, { register, node, division, attributes, basis }) => {
  const official = officialOf(ctx.act);
  if (official === undefined) return ctx.refuse("no-post");
  if (kernelOf(ctx).elsewhere?.routes.self === node) return ctx.refuse("own-node");
  const sql = await ctx.tables.write();
  const seed = ctx.secrets.seal(randomBytes(RECIPIENT_SEED_BYTES), `${node} ${register}`);
  const [made] = await sql.query<{ id: number }>(
    `INSERT INTO datasets.copy (register, node, division, attributes, basis, subscribed_by, subscribed_at, state, seed)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8) ON CONFLICT (register, node) WHERE state <> 'ended' DO NOTHING
     RETURNING id`,
    [register, node, division, [...new Set(attributes)], JSON.stringify(basis), official, ctx.now, Buffer.from(seed)],
  );
  if (made === undefined) return ctx.refuse("kept");
  await tendSoon(sql);
  return { id: made.id };
});
