import { defineSystem } from "#kernel/system/system";
import { catalogue } from "./contract.ts";
import { uses } from "./implement.ts";
import { describeResource } from "./operations/describe-resource.ts";
import { findResource } from "./operations/find-resource.ts";
import { listResources } from "./operations/list-resources.ts";
import { publicEntries } from "./operations/public-entries.ts";
import { reviewEntry } from "./operations/review-entry.ts";

export default defineSystem(catalogue, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: { listResources, findResource, publicEntries, describeResource, reviewEntry },
});
