import { givePositions } from "#kernel/feeds/give-positions";
import { readChanges } from "#kernel/feeds/read-changes";
import { implement } from "../implement.ts";
import { CHANGES_POSITIONS } from "../limits.ts";
import { agreedSet, describeSet, leftOf, letOut, spent } from "../publishing/agreed-set.ts";
import { unlessDamaged } from "../publishing/damaged.ts";
import { noteReached } from "../publishing/followers.ts";
import { noteAsked } from "../publishing/offers.ts";
import { parcelFor } from "../publishing/parcel-for.ts";
import { totalView } from "../views.ts";

export const fetchChanges = implement("fetchChanges", async (ctx, { after, version, recipient, ...asked }) => {
  const set = await agreedSet(ctx, asked);
  if (typeof set === "string") return ctx.refuse(set);
  const { kernel, store, offer, grant } = set;
  const { register } = asked;
  if (version !== describeSet(set).version) return ctx.refuse("other-version");
  await givePositions(kernel.database, store);
  // What went is told also where nothing is left of a grant.
  for (
    let limit = Math.min(CHANGES_POSITIONS, Math.max(1, leftOf(set)));
    ;
    limit = Math.max(1, Math.floor(limit / 4))
  ) {
    const changes = await unlessDamaged(() =>
      readChanges(kernel.database, store, { after, scope: offer.division, limit }),
    );
    if (typeof changes === "string") return ctx.refuse(changes);
    const { upTo, upToAt, removed, added, total } = changes;
    const { parcel, packed } = await parcelFor(set, added, recipient);
    // A batch that is too large is made anew, and shorter: one change is one version, which fits.
    if (packed < added.length) continue;
    const out = await letOut(set, ctx.act, { versions: added, operation: "fetchChanges", upTo });
    if (!out) return ctx.refuse(await spent(set, ctx.act));
    const reached = { register, node: offer.node, at: ctx.now, acknowledged: after };
    await (grant
      ? noteReached(kernel.database, { ...reached, grant: grant.grant })
      : noteAsked(kernel.database, reached));
    return {
      ...{ after, upTo, position: changes.feed.position, parcel },
      removed: removed.map(({ key, digest }) => ({ key, digest: digest.toString("hex") })),
      ...(upToAt !== undefined && { upToAt: new Date(upToAt).toISOString() }),
      ...(total && { total: totalView(total) }),
    };
  }
});
