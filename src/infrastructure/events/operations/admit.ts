import { randomBytes } from "#kernel/random";
import { toBase64, toBase64url } from "#lib/crypto/base64url";
import { implement } from "../implement.ts";
import { MAX_PARTICIPANTS } from "../limits.ts";
import { newId } from "../new-id.ts";
import { keeps, roomId } from "../participants.ts";
import { isFitTarget } from "../target.ts";

const TOKEN_BYTES = 32;

export const admit = implement("admit", async (ctx, { room, member, target, ...may }) => {
  if (!keeps(ctx.act)) return ctx.refuse("not-admitted");
  const id = await roomId(ctx.tables.read(), room);
  if (id === undefined) return ctx.refuse("room-unknown");
  if (!isFitTarget(member, target)) return ctx.refuse("target-unfit");
  const isSystem = !member.includes(":");
  const token = isSystem ? toBase64url(randomBytes(TOKEN_BYTES)) : undefined;
  const secret = isSystem && target !== undefined ? randomBytes(TOKEN_BYTES) : undefined;
  const sql = await ctx.tables.write();
  const [row] = await sql.query<{ id: string | null; count: number }>(
    `WITH counted AS (SELECT count(*) AS count FROM events.participant WHERE room = $2 AND dismissed_at IS NULL),
       made AS (
         INSERT INTO events.participant
           (id, room, member, may_publish, may_subscribe, may_manage, target, token_digest, push_secret, admitted_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM counted WHERE count < $11 ON CONFLICT DO NOTHING RETURNING id)
     SELECT (SELECT id FROM made), count FROM counted`,
    [
      ...[newId(ctx.now), id, member, may.mayPublish, may.maySubscribe, may.mayManage, targetOf(member, target)],
      token === undefined ? null : Buffer.from(ctx.secrets.digest(token)),
      secret === undefined ? null : Buffer.from(ctx.secrets.seal(secret, `push ${member}`)),
      ...[ctx.now, MAX_PARTICIPANTS],
    ],
  );
  if (!row?.id) return ctx.refuse((row?.count ?? 0) >= MAX_PARTICIPANTS ? "full" : "taken");
  return { id: row.id, ...(token && { token }), ...(secret && { pushSecret: `whsec_${toBase64(secret)}` }) };
});

/** Nodes are reached as the directory says. */
function targetOf(member: string, target: string | undefined): string | null {
  return member.startsWith("node:") ? member : (target ?? null);
}
