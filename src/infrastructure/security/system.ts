import { defineSystem } from "#kernel/system/system";
import { security } from "./contract.ts";
import { uses } from "./implement.ts";
import { decideChange } from "./operations/decide-change.ts";
import { effectOf } from "./operations/effect-of.ts";
import { findChange } from "./operations/find-change.ts";
import { listChanges } from "./operations/list-changes.ts";
import { previewChange } from "./operations/preview-change.ts";
import { proposeEnd } from "./operations/propose-end.ts";
import { proposePolicy } from "./operations/propose-policy.ts";
import { proposeSeparation } from "./operations/propose-separation.ts";
import { withdrawChange } from "./operations/withdraw-change.ts";

export default defineSystem(security, {
  uses,
  migrations: new URL("./migrations/", import.meta.url),
  operations: {
    proposePolicy,
    proposeSeparation,
    proposeEnd,
    withdrawChange,
    decideChange,
    previewChange,
    effectOf,
    findChange,
    listChanges,
  },
});
