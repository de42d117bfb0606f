import { randomBytes } from "#kernel/random";
import { toBase64url } from "#lib/crypto/base64url";
import { implement } from "../implement.ts";

const KEY_BYTES = 32;

/** Taken again before it was used, it is another key, and the one before is worth nothing. */
export const takeAcmeKey = implement("takeAcmeKey", async (ctx, { id }) => {
  const entry = await ctx.registers.acmeBinding.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { value } = entry;
  if (value.status !== "approved" && value.status !== "handed-over") return ctx.refuse("not-approved");
  const key = toBase64url(randomBytes(KEY_BYTES));
  await ctx.registers.acmeBinding.put({ ...value, status: "handed-over", key }, { key: id });
  return { keyId: id, key };
});
