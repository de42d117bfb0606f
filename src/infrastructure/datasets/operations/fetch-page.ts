import { givePositions } from "#kernel/feeds/give-positions";
import { readPage } from "#kernel/feeds/read-page";
import { implement } from "../implement.ts";
import { PAGE_VERSIONS } from "../limits.ts";
import { agreedSet, enterExport } from "../publishing/agreed-set.ts";
import { unlessDamaged } from "../publishing/damaged.ts";
import { parcelFor } from "../publishing/parcel-for.ts";

export const fetchPage = implement("fetchPage", async (ctx, { register, epoch, after, recipient }) => {
  const set = await agreedSet(ctx, { register, epoch });
  if (typeof set === "string") return ctx.refuse(set);
  const { kernel, store, offer } = set;
  for (let limit = PAGE_VERSIONS; ; limit = Math.max(1, Math.floor(limit / 4))) {
    const page = await unlessDamaged(() => readPage(kernel.database, store, { after, scope: offer.division, limit }));
    if (page === "damaged") return ctx.refuse(page);
    const { parcel, packed } = await parcelFor(set, page.versions, recipient);
    // Versions of one entry stay together: a page that is too large is made anew, and smaller.
    if (packed < page.versions.length) {
      if (limit === 1) return ctx.refuse("too-large");
      continue;
    }
    // Behind the last page, everything that any page showed has its position.
    const position = page.end === undefined ? await givePositions(kernel.database, store) : page.feed.position;
    await enterExport(set, ctx.act, { versions: page.versions, operation: "fetchPage", upTo: position });
    return { position, parcel, ...(page.end && { end: page.end }) };
  }
});
