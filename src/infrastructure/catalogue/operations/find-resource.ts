import { entryInForce, entryView, waitingEntries } from "../entries.ts";
import { implement } from "../implement.ts";
import { cataloguePorts, keptResource } from "../ports.ts";
import { resourceView } from "../resource-view.ts";

export const findResource = implement("findResource", async (ctx, { resource: id }) => {
  const sql = ctx.tables.read();
  const ports = cataloguePorts(sql);
  const resource = keptResource(ports, id);
  if (!resource) return ctx.refuse("not-found");
  const current = await entryInForce(sql, id);
  const [draft] = await waitingEntries(sql, id);
  return {
    ...resourceView(resource, ports.keeperOf, { current, draft }),
    attributes: [...resource.attributes],
    ...(current && { current: entryView(current, current.number) }),
    ...(draft && { draft: entryView(draft, current?.number) }),
  };
});
