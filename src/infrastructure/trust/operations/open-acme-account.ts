import { randomOpaqueUuid } from "#kernel/random";
import { fromBase64url } from "#lib/crypto/base64url";
import { isUuid } from "#lib/crypto/uuid";
import { bindingHolds, bindingKeyId } from "../acme/jws.ts";
import { implement } from "../implement.ts";

/** One key that was handed over makes one account; then it is forgotten. */
export const openAcmeAccount = implement("openAcmeAccount", async (ctx, asked) => {
  const binding: unknown = JSON.parse(asked.binding);
  const id = bindingKeyId(binding);
  const entry = id !== undefined && isUuid(id) ? await ctx.registers.acmeBinding.lock(id) : undefined;
  if (entry?.value.status !== "handed-over") return ctx.refuse("binding-wrong");
  const { key, ...value } = entry.value;
  const mac = key === undefined ? undefined : fromBase64url(key);
  if (mac === undefined || !(await bindingHolds(binding, { mac, url: asked.url, thumbprint: asked.thumbprint })))
    return ctx.refuse("binding-wrong");
  const account = randomOpaqueUuid();
  const sql = await ctx.tables.write();
  const made = await sql.execute(
    `INSERT INTO trust.acme_account (id, binding, thumbprint, jwk, contacts, status, made_at)
     VALUES ($1, $2, $3, $4, $5, 'valid', $6) ON CONFLICT (thumbprint) DO NOTHING`,
    [account, entry.key, asked.thumbprint, asked.jwk, asked.contacts, ctx.now],
  );
  if (made === 0) return ctx.refuse("account-exists");
  await ctx.registers.acmeBinding.put({ ...value, status: "bound", account }, { key: entry.key });
  return { id: account };
});
