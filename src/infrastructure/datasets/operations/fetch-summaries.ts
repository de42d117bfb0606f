import { summariesAt } from "#kernel/feeds/summaries";
import { isRange } from "#lib/reconciliation/range";
import { implement } from "../implement.ts";
import { agreedSet } from "../publishing/agreed-set.ts";
import { totalView } from "../views.ts";

export const fetchSummaries = implement("fetchSummaries", async (ctx, { position, ranges, ...asked }) => {
  const set = await agreedSet(ctx, asked);
  if (typeof set === "string") return ctx.refuse(set);
  const { kernel, store, feed, offer } = set;
  // Ranges smaller than those that are summed up are at another epoch's size.
  if (!ranges.every((range) => isRange(range, feed.leafBits))) return ctx.refuse("begun-anew");
  const summaries = await summariesAt(kernel.database, store, ranges, { position, scope: offer.division });
  if (typeof summaries === "string") return ctx.refuse(summaries);
  return { summaries: summaries.map(totalView) };
});
