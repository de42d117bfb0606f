import { LIST_LENGTH } from "../contract.ts";
import { implement } from "../implement.ts";
import { packageSummary, packagesAfter } from "../packages.ts";

/** Where the statement has what policies may ask. */
const COLUMNS = {
  node: "t.node",
  state: "p.state",
  secret: "EXISTS (SELECT FROM network.ferry_item i WHERE i.package = p.id AND i.classification = 'work-secret')",
};

export const listPackages = implement("listPackages", async (ctx, { after }) => {
  const found = await packagesAfter(ctx.tables.read(), {
    ...{ after, limit: LIST_LENGTH },
    shown: (bind) => ctx.listed(COLUMNS, bind),
  });
  const last = found.length === LIST_LENGTH ? found.at(-1)?.id : undefined;
  return { items: found.map(packageSummary), ...(last !== undefined && { next: last }) };
});
