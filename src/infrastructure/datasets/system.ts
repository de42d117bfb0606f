import { defineSystem } from "#kernel/system/system";
import { datasets } from "./contract.ts";
import { describe } from "./operations/describe.ts";
import { endCopy } from "./operations/end-copy.ts";
import { endOffer } from "./operations/end-offer.ts";
import { fetchChanges } from "./operations/fetch-changes.ts";
import { fetchItems } from "./operations/fetch-items.ts";
import { fetchPage } from "./operations/fetch-page.ts";
import { fetchSummaries } from "./operations/fetch-summaries.ts";
import { fetchVersions } from "./operations/fetch-versions.ts";
import { listCopies } from "./operations/list-copies.ts";
import { listPublications } from "./operations/list-publications.ts";
import { lookUp } from "./operations/look-up.ts";
import { offer } from "./operations/offer.ts";
import { publish } from "./operations/publish.ts";
import { reconcileCopy } from "./operations/reconcile-copy.ts";
import { recount } from "./operations/recount.ts";
import { subscribe } from "./operations/subscribe.ts";
import { subscribeByGrant } from "./operations/subscribe-by-grant.ts";

export default defineSystem(datasets, {
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    publish,
    offer,
    endOffer,
    recount,
    listPublications,
    subscribe,
    subscribeByGrant,
    endCopy,
    reconcileCopy,
    listCopies,
    lookUp,
    describe,
    fetchPage,
    fetchChanges,
    fetchSummaries,
    fetchItems,
    fetchVersions,
  },
});
