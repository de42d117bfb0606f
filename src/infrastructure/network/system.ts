import { network } from "#infrastructure/network";
import { defineSystem } from "#kernel/system/system";
import { uses } from "./implement.ts";
import { addCall } from "./operations/add-call.ts";
import { addDocument } from "./operations/add-document.ts";
import { beginPackage } from "./operations/begin-package.ts";
import { decidePackage } from "./operations/decide-package.ts";
import { decidePartner } from "./operations/decide-partner.ts";
import { dropItem } from "./operations/drop-item.ts";
import { endPartner } from "./operations/end-partner.ts";
import { findArrival } from "./operations/find-arrival.ts";
import { findPackage } from "./operations/find-package.ts";
import { giveUpPackage } from "./operations/give-up-package.ts";
import { listArrivals } from "./operations/list-arrivals.ts";
import { listPackages } from "./operations/list-packages.ts";
import { listPartners } from "./operations/list-partners.ts";
import { openFerry } from "./operations/open-ferry.ts";
import { ownCard } from "./operations/own-card.ts";
import { proposePackage } from "./operations/propose-package.ts";
import { proposePartner } from "./operations/propose-partner.ts";
import { readArrivedDocument } from "./operations/read-arrived-document.ts";
import { readItem } from "./operations/read-item.ts";
import { recordArrival } from "./operations/record-arrival.ts";
import { recordCall } from "./operations/record-call.ts";
import { recordExport } from "./operations/record-export.ts";
import { releaseReceipt } from "./operations/release-receipt.ts";
import { senderOf } from "./operations/sender-of.ts";
import { takeReceipt } from "./operations/take-receipt.ts";

export default defineSystem(network, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    addCall,
    addDocument,
    beginPackage,
    decidePackage,
    decidePartner,
    dropItem,
    endPartner,
    findArrival,
    findPackage,
    giveUpPackage,
    listArrivals,
    listPackages,
    listPartners,
    openFerry,
    ownCard,
    proposePackage,
    proposePartner,
    readArrivedDocument,
    readItem,
    recordArrival,
    recordCall,
    recordExport,
    releaseReceipt,
    senderOf,
    takeReceipt,
  },
});
