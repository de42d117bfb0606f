import { LIST_LENGTH } from "../contract.ts";
import { implement } from "../implement.ts";
import { packageSummary, packagesAfter } from "../packages.ts";

export const listPackages = implement("listPackages", async (ctx, { after }) => {
  const found = await packagesAfter(ctx.tables.read(), after, LIST_LENGTH);
  const last = found.length === LIST_LENGTH ? found.at(-1)?.id : undefined;
  return { items: found.map(packageSummary), ...(last !== undefined && { next: last }) };
});
