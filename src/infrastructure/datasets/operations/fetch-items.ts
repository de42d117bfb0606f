import { itemsAt } from "#kernel/feeds/summaries";
import { isRange } from "#lib/reconciliation/range";
import { implement } from "../implement.ts";
import { agreedSet } from "../publishing/agreed-set.ts";
import { itemOfView, itemView } from "../views.ts";

export const fetchItems = implement("fetchItems", async (ctx, { position, ranges, after, ...asked }) => {
  const set = await agreedSet(ctx, asked);
  if (typeof set === "string") return ctx.refuse(set);
  const { kernel, store, feed, offer } = set;
  if (!ranges.every((range) => isRange(range, feed.leafBits))) return ctx.refuse("begun-anew");
  const page = await itemsAt(kernel.database, store, ranges, {
    ...{ position, scope: offer.division },
    after: after && itemOfView(after),
  });
  if (typeof page === "string") return ctx.refuse(page);
  return { items: page.items.map(itemView), more: page.more };
});
