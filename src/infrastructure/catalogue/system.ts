import { defineSystem } from "#kernel/system/system";
import { catalogue } from "./contract.ts";
import { uses } from "./implement.ts";
import { askCompletion } from "./operations/ask-completion.ts";
import { askExtension } from "./operations/ask-extension.ts";
import { completeRequest } from "./operations/complete-request.ts";
import { consentRequest } from "./operations/consent-request.ts";
import { decideExtension } from "./operations/decide-extension.ts";
import { describeResource } from "./operations/describe-resource.ts";
import { findMatter } from "./operations/find-matter.ts";
import { findResource } from "./operations/find-resource.ts";
import { listMatters } from "./operations/list-matters.ts";
import { listResources } from "./operations/list-resources.ts";
import { publicEntries } from "./operations/public-entries.ts";
import { refuseRequest } from "./operations/refuse-request.ts";
import { requestData } from "./operations/request-data.ts";
import { reviewEntry } from "./operations/review-entry.ts";
import { tendSharing } from "./operations/tend-sharing.ts";
import { withdrawRequest } from "./operations/withdraw-request.ts";

export default defineSystem(catalogue, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    listResources,
    findResource,
    publicEntries,
    describeResource,
    reviewEntry,
    listMatters,
    findMatter,
    requestData,
    askCompletion,
    completeRequest,
    askExtension,
    decideExtension,
    consentRequest,
    refuseRequest,
    withdrawRequest,
    tendSharing,
  },
});
