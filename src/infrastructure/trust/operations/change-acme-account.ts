import { implement } from "../implement.ts";

export const changeAcmeAccount = implement("changeAcmeAccount", async (ctx, { account, contacts, deactivate, key }) => {
  const sql = await ctx.tables.write();
  const rows = await sql.query("SELECT 1 FROM trust.acme_account WHERE id = $1 AND status = 'valid' FOR UPDATE", [
    account,
  ]);
  if (rows.length === 0) return ctx.refuse("not-found");
  if (key !== undefined) {
    const changed = await sql.execute(
      `UPDATE trust.acme_account SET jwk = $2, thumbprint = $3
         WHERE id = $1 AND NOT EXISTS (SELECT FROM trust.acme_account WHERE thumbprint = $3)`,
      [account, key.jwk, key.thumbprint],
    );
    if (changed === 0) return ctx.refuse("key-taken");
  }
  await sql.execute(
    `UPDATE trust.acme_account SET contacts = coalesce($2, contacts),
         status = CASE WHEN $3 THEN 'deactivated' ELSE status END WHERE id = $1`,
    [account, contacts ?? null, deactivate === true],
  );
  return {};
});
