import { NodeEntrySchema } from "#lib/directory/document";
import { implement } from "../implement.ts";
import { lockDirectory, readMembership, writeMembership } from "../network/rows.ts";

export const enterDirectory = implement("enterDirectory", async (ctx, { above, anchor, chain, entry }) => {
  const sql = await ctx.tables.write();
  await lockDirectory(sql);
  if ((await readMembership(sql)) !== undefined) return ctx.refuse("member-already");
  const { code: node, division, zone } = NodeEntrySchema.parse(JSON.parse(entry));
  await writeMembership(sql, { node, division, zone, anchor, chain, above, at: ctx.now });
  await sql.query("DELETE FROM directory.sent_joining");
  return {};
});
