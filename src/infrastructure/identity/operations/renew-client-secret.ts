import { implement } from "../implement.ts";
import { clientRow, setSecret } from "../openid/client-rows.ts";
import { newSecret } from "../openid/client-secret.ts";

export const renewClientSecret = implement("renewClientSecret", async (ctx, { id }) => {
  // Under a key the answer would be kept, and a secret is given once.
  if (ctx.act.idempotencyKey !== undefined) return ctx.refuse("once-only");
  const client = await clientRow(ctx.tables.read(), id);
  if (!client) return ctx.refuse("not-found");
  if (client.authMethod !== "client_secret_basic") return ctx.refuse("no-secret");
  const { secret, digest } = newSecret();
  await setSecret(await ctx.tables.write(), id, digest, ctx.now);
  return { id, secret };
});
