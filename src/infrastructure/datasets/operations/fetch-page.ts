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
  const page = await unlessDamaged(() =>
    readPage(kernel.database, store, { after, scope: offer.division, limit: PAGE_VERSIONS }),
  );
  if (page === "damaged") return ctx.refuse(page);
  // Behind the last page, everything that any page showed has its position.
  const position = page.end === undefined ? await givePositions(kernel.database, store) : page.feed.position;
  const parcel = await parcelFor(set, page.versions, recipient);
  await enterExport(set, ctx.act, { versions: page.versions, operation: "fetchPage", upTo: position });
  return { position, parcel, ...(page.end && { end: page.end }) };
});
