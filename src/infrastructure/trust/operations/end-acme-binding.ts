import { implement } from "../implement.ts";

/** The account ends with it; what it got stays valid until it is revoked. */
export const endAcmeBinding = implement("endAcmeBinding", async (ctx, { id, reason }) => {
  const entry = await ctx.registers.acmeBinding.lock(id);
  if (entry === undefined) return ctx.refuse("not-found");
  const { key: _, ...value } = entry.value;
  if (value.status === "ended" || value.status === "refused") return ctx.refuse("ended");
  await ctx.registers.acmeBinding.put({ ...value, status: "ended", endedAt: ctx.now, endReason: reason }, { key: id });
  const sql = await ctx.tables.write();
  await sql.execute("UPDATE trust.acme_account SET status = 'revoked' WHERE binding = $1 AND status = 'valid'", [id]);
  return {};
});
