import { defineContract } from "#kernel/contract/contract";
import { text } from "#lib/language/text";
import { askedOperations } from "./asked-contract.ts";
import { correctionOperations } from "./correction-contract.ts";
import { disputeOperations } from "./dispute-contract.ts";
import { entryOperations } from "./entry-contract.ts";
import { grantOperations } from "./grant-contract.ts";
import { matterOperations, tendOperations } from "./matter-contract.ts";
import { requestOperations } from "./request-contract.ts";

export { KIND_WORDS, STATE_WORDS, STEP_WORDS } from "./matter-contract.ts";
export { OWN as OWN_PERIOD } from "./periods.ts";
export {
  DATA_TYPES,
  READ,
  REQUEST,
  RESOURCE_KINDS,
  REVIEW,
  SHARING_KINDS,
  type SharingKind,
  STEWARD,
  UPDATE_CYCLES,
} from "./terms.ts";

/** 政务数据目录与共享: what there is, how each attribute is shared, who asked for it, and who may use it. */
export const catalogue = defineContract({
  id: "catalogue",
  version: "1.0",
  title: text("政务数据目录", "Catalogue of government data"),
  steward: text("政务数据共享主管部门", "Authority in charge of data sharing"),
  // Each node describes what it keeps itself, and shares by what stands there.
  ofEveryNode: true,
  registers: {},
  operations: {
    ...entryOperations,
    ...matterOperations,
    ...requestOperations,
    ...askedOperations,
    ...grantOperations,
    ...correctionOperations,
    ...disputeOperations,
    ...tendOperations,
  },
});
