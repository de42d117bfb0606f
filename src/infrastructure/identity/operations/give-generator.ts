import { fromBase32 } from "#lib/crypto/base32";
import { CODE_SECRET_BYTES } from "#lib/crypto/one-time-password";
import { accountNamed } from "../accounts.ts";
import { setSecret } from "../code-secrets.ts";
import { implement } from "../implement.ts";

export const giveGenerator = implement("giveGenerator", async (ctx, { signInName, secret }) => {
  const bytes = fromBase32(secret);
  if (!bytes || bytes.length < CODE_SECRET_BYTES) return ctx.refuse("secret-wrong");
  const account = await accountNamed(ctx.registers, signInName);
  if (!account) return ctx.refuse("not-found");
  await setSecret({ sql: await ctx.tables.write(), secrets: ctx.secrets, account: account.key }, bytes, ctx.now);
  ctx.concerns({ kind: account.value.holderKind, id: account.value.holder, attributes: ["code-generator-set-up"] });
  return { id: account.key };
});
