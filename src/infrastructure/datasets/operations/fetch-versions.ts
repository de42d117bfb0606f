import { versionsNamed } from "#kernel/feeds/summaries";
import { implement } from "../implement.ts";
import { agreedSet, letOut, spent } from "../publishing/agreed-set.ts";
import { unlessDamaged } from "../publishing/damaged.ts";
import { parcelFor } from "../publishing/parcel-for.ts";
import { itemOfView } from "../views.ts";

export const fetchVersions = implement("fetchVersions", async (ctx, { items, recipient, ...asked }) => {
  const set = await agreedSet(ctx, asked);
  if (typeof set === "string") return ctx.refuse(set);
  const { kernel, store, feed, offer } = set;
  const found = await unlessDamaged(() => versionsNamed(kernel.database, store, items.map(itemOfView), offer.division));
  if (found === "damaged") return ctx.refuse(found);
  // What does not fit is asked for again.
  const { parcel, packed } = await parcelFor(set, found.versions, recipient);
  const versions = found.versions.slice(0, packed);
  const out = await letOut(set, ctx.act, { versions, operation: "fetchVersions", upTo: feed.position });
  if (!out) return ctx.refuse(await spent(set, ctx.act));
  return { parcel, more: packed < found.versions.length };
});
