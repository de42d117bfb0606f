import { implement } from "../implement.ts";
import { itemsOf, packageById, packageSummary } from "../packages.ts";

export const findPackage = implement("findPackage", async (ctx, { id }) => {
  const sql = ctx.tables.read();
  const found = await packageById(sql, id);
  return found ? { ...packageSummary(found), items: [...(await itemsOf(sql, id))] } : ctx.refuse("not-found");
});
