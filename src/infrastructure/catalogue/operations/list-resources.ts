import { entriesInForce, waitingEntries } from "../entries.ts";
import { implement } from "../implement.ts";
import { cataloguePorts } from "../ports.ts";
import { resourceView } from "../resource-view.ts";
import { LIST_LENGTH } from "../terms.ts";

export const listResources = implement("listResources", async (ctx, { room, waiting, after = "" }) => {
  const sql = ctx.tables.read();
  const inForce = new Map((await entriesInForce(sql)).map((entry) => [entry.resource, entry]));
  const drafts = new Map((await waitingEntries(sql)).map((entry) => [entry.resource, entry]));
  const { resources, keeperOf, isKept } = cataloguePorts(sql);
  const shown = [...resources.values()].filter(
    (resource) =>
      resource.id > after &&
      isKept(resource.room) &&
      (room === undefined || resource.room === room) &&
      (waiting !== true || drafts.has(resource.id)),
  );
  const items = shown
    .slice(0, LIST_LENGTH)
    .map((resource) =>
      resourceView(resource, keeperOf, { current: inForce.get(resource.id), draft: drafts.get(resource.id) }),
    );
  const last = shown.length > LIST_LENGTH ? items.at(-1)?.id : undefined;
  return { items, ...(last !== undefined && { next: last }) };
});
