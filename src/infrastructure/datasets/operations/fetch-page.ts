import { givePositions } from "#kernel/feeds/give-positions";
import { readPage } from "#kernel/feeds/read-page";
import { implement } from "../implement.ts";
import { PAGE_VERSIONS } from "../limits.ts";
import { agreedSet, leftOf, letOut, spent } from "../publishing/agreed-set.ts";
import { unlessDamaged } from "../publishing/damaged.ts";
import { parcelFor } from "../publishing/parcel-for.ts";

export const fetchPage = implement("fetchPage", async (ctx, { after, recipient, ...asked }) => {
  const set = await agreedSet(ctx, asked);
  if (typeof set === "string") return ctx.refuse(set);
  const { kernel, store, offer } = set;
  // That there is no more is told also where nothing is left of a grant.
  for (let limit = Math.min(PAGE_VERSIONS, Math.max(1, leftOf(set))); ; limit = Math.max(1, Math.floor(limit / 4))) {
    const page = await unlessDamaged(() => readPage(kernel.database, store, { after, scope: offer.division, limit }));
    if (page === "damaged") return ctx.refuse(page);
    // Versions of one entry come together, and may be more than are left where fewer entries are not.
    if (page.versions.length > leftOf(set)) {
      if (limit === 1) return ctx.refuse(await spent(set, ctx.act));
      continue;
    }
    const { parcel, packed } = await parcelFor(set, page.versions, recipient);
    // Versions of one entry stay together: a page that is too large is made anew, and smaller.
    if (packed < page.versions.length) {
      if (limit === 1) return ctx.refuse("too-large");
      continue;
    }
    // Behind the last page, everything that any page showed has its position.
    const position = page.end === undefined ? await givePositions(kernel.database, store) : page.feed.position;
    const out = await letOut(set, ctx.act, { versions: page.versions, operation: "fetchPage", upTo: position });
    if (!out) return ctx.refuse(await spent(set, ctx.act));
    return { position, parcel, ...(page.end && { end: page.end }) };
  }
});
